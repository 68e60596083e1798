import { Button, FileButton, Group, Radio, Select, Stack, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call, type Schemas } from "@/client/http";
import { MainAction, Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { Empty, ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { headerOf, textOf } from "./csv";
import { EventsTabs } from "./EventsTabs";
import classes from "./events.module.css";

type Imported = Schemas["ImportOut"];

interface Draft {
  file: string;
  content: string;
  columns: readonly string[];
  named: "same" | "column";
  event: string;
  event_column: string | null;
  user_column: string | null;
  time_column: string | null;
  source: string;
}

const NOTHING: Draft = {
  file: "",
  content: "",
  columns: [],
  named: "same",
  event: "",
  event_column: null,
  user_column: null,
  time_column: null,
  source: "",
};

/** Events that happened offline, from a file: looked at first, then brought in. */
export function ImportPage() {
  const { t } = useTranslation("events");
  const may = useMay();
  const format = useFormat();
  const [draft, setDraft] = useState<Draft>(NOTHING);
  const run = useMutation({
    mutationFn: (only_look: boolean) =>
      call<Imported>("POST", "/api/events/import", {
        body: {
          content: draft.content,
          source: draft.source.trim() || t("import.sourceDefault"),
          event: draft.named === "same" ? draft.event.trim() : null,
          event_column: draft.named === "column" ? draft.event_column : null,
          user_column: draft.user_column,
          time_column: draft.time_column,
          only_look,
        },
      }),
  });
  const change = (part: Partial<Draft>) => {
    run.reset();
    setDraft({ ...draft, ...part });
  };
  const whole = Boolean(
    draft.content &&
      draft.user_column &&
      draft.time_column &&
      (draft.named === "same" ? draft.event.trim() : draft.event_column),
  );
  const looked = run.data && run.variables === true;
  const done = run.data && run.variables === false;
  return (
    <Page
      title={t("title")}
      lead={t("import.lead")}
      tabs={<EventsTabs value="import" />}
      width="read"
      action={
        may("events.write") &&
        looked &&
        run.data.written > 0 && (
          <MainAction loading={run.isPending} onClick={() => run.mutate(false)}>
            {t("import.run", { rows: format.count(run.data.written, "items") })}
          </MainAction>
        )
      }
    >
      {may("events.write") ? (
        <>
          <FilePart draft={draft} onChange={change} />
          {draft.columns.length > 0 && (
            <Section title={t("import.meaning")}>
              <Stack gap="md">
                <Columns draft={draft} onChange={change} />
                <Group>
                  <Button
                    variant="default"
                    disabled={!whole}
                    loading={run.isPending}
                    onClick={() => run.mutate(true)}
                  >
                    {t("import.look")}
                  </Button>
                </Group>
              </Stack>
            </Section>
          )}
          {run.error && <ErrorState error={run.error} />}
          {looked && <Outcome found={run.data} />}
          {done && <Outcome found={run.data} done />}
        </>
      ) : (
        <Empty title={t("import.forbidden")}>{t("import.forbiddenText")}</Empty>
      )}
    </Page>
  );
}

interface PartProps {
  draft: Draft;
  onChange: (part: Partial<Draft>) => void;
}

function FilePart({ draft, onChange }: PartProps) {
  const { t } = useTranslation("events");
  const [wrong, setWrong] = useState(false);
  const read = async (file: File | null) => {
    if (!file) return;
    const content = textOf(await file.arrayBuffer());
    const columns = content === null ? [] : headerOf(content);
    setWrong(columns.length === 0);
    onChange({
      ...NOTHING,
      file: file.name,
      content: content ?? "",
      columns,
      source: draft.source,
    });
  };
  return (
    <Section title={t("import.file")}>
      <Stack gap="sm" align="flex-start">
        <p className={classes.text}>{t("import.fileText")}</p>
        <Group gap="sm">
          <FileButton onChange={(file) => void read(file)} accept=".csv,.tsv,.txt,text/csv">
            {(props) => (
              <Button variant="default" leftSection={<IconFileUpload size={16} />} {...props}>
                {t("import.choose")}
              </Button>
            )}
          </FileButton>
          <span>{draft.file}</span>
        </Group>
        {wrong && <Remark tone="warn">{t("import.unreadable")}</Remark>}
      </Stack>
    </Section>
  );
}

/** Which column is what. */
function Columns({ draft, onChange }: PartProps) {
  const { t } = useTranslation("events");
  const columns = useMemo(() => [...new Set(draft.columns)], [draft.columns]);
  return (
    <>
      <Select
        label={t("import.user")}
        description={t("import.userText")}
        data={columns}
        value={draft.user_column}
        onChange={(value) => onChange({ user_column: value })}
      />
      <Select
        label={t("import.time")}
        description={t("import.timeText")}
        data={columns}
        value={draft.time_column}
        onChange={(value) => onChange({ time_column: value })}
      />
      <Radio.Group
        label={t("import.event")}
        value={draft.named}
        onChange={(value) => onChange({ named: value === "column" ? "column" : "same" })}
      >
        <Group gap="lg" mt={6}>
          <Radio value="same" label={t("import.same")} />
          <Radio value="column" label={t("import.column")} />
        </Group>
      </Radio.Group>
      {draft.named === "same" ? (
        <TextInput
          aria-label={t("import.name")}
          placeholder={t("import.nameExample")}
          maxLength={200}
          value={draft.event}
          onChange={(event) => onChange({ event: event.currentTarget.value })}
        />
      ) : (
        <Select
          aria-label={t("import.column")}
          data={columns}
          value={draft.event_column}
          onChange={(value) => onChange({ event_column: value })}
        />
      )}
      <TextInput
        label={t("import.source")}
        placeholder={t("import.sourceDefault")}
        maxLength={100}
        value={draft.source}
        onChange={(event) => onChange({ source: event.currentTarget.value })}
      />
    </>
  );
}

function Outcome({ found, done }: { found: Imported; done?: boolean }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  return (
    <Section title={t(done ? "import.did" : "import.would")}>
      <p className={classes.text} role="status">
        {t(done ? "import.outcomeDone" : "import.outcome", {
          rows: format.count(found.rows, "rows"),
          written: format.count(found.written, "items"),
          out: format.count(found.left_out, "rows"),
        })}
      </p>
      {found.faults.length > 0 && (
        <ul className={classes.deliveries}>
          {found.faults.map((one) => (
            <li key={one.line}>
              <span>
                <b className="tabular">{t("import.line", { line: format.number(one.line) })}</b>{" "}
                {one.reason}
              </span>
            </li>
          ))}
        </ul>
      )}
      <p className="muted">{t("import.twice")}</p>
    </Section>
  );
}
