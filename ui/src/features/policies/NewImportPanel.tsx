/** A do-not-contact list: the file, what it would do, and then doing it. */
import { Button, FileInput, Select, SimpleGrid, Stack, TextInput } from "@mantine/core";
import { IconFileUpload } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { CHANNELS } from "@/features/gate/types";
import { IMPORTS_KEY } from "./data";
import { base64Of, unmatchedCsv } from "./model/importFile";
import classes from "./policies.module.css";
import type { ImportRow, Preview } from "./types";

const COLUMNS = ["key", "phone", "email", "channel", "until", "reason"] as const;
type ImportColumn = (typeof COLUMNS)[number];
type Columns = Partial<Record<ImportColumn, string>>;

interface Asked {
  file: File;
  columns: Columns | null;
  channel: string;
}

async function asBody({ file, columns, channel }: Asked) {
  return {
    name: file.name,
    content: await base64Of(file),
    columns,
    channel: channel || null,
  };
}

interface Props {
  onClose: () => void;
  onDone: (id: string) => void;
}

export function NewImportPanel({ onClose, onDone }: Props) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const client = useQueryClient();
  const [asked, setAsked] = useState<Asked | null>(null);
  const [reason, setReason] = useState("");
  const preview = useMutation({
    mutationFn: async (what: Asked) =>
      call<Preview>("POST", "/api/gate/imports/preview", { body: await asBody(what) }),
  });
  const apply = useMutation({
    mutationFn: async ({ what, digest }: { what: Asked; digest: string }) =>
      call<ImportRow>("POST", "/api/gate/imports", {
        body: { ...(await asBody(what)), digest, reason: reason.trim() },
      }),
    onSuccess: async (done) => {
      await client.invalidateQueries({ queryKey: [...IMPORTS_KEY] });
      await client.invalidateQueries({ queryKey: ["customer"] });
      told(t("imports.done", { stops: format.number(done.stops) }));
      onDone(done.id);
    },
  });
  const look = (what: Asked | null) => {
    setAsked(what);
    apply.reset();
    if (what) preview.mutate(what);
    else preview.reset();
  };
  const found = preview.isPending ? undefined : preview.data;
  return (
    <RightPanel
      title={t("imports.open")}
      lead={t("imports.panelLead")}
      onClose={onClose}
      width={640}
      footer={
        found &&
        asked && (
          <Button
            loading={apply.isPending}
            disabled={found.stops === 0}
            onClick={() => apply.mutate({ what: asked, digest: found.digest })}
          >
            {t("imports.apply", { stops: format.number(found.stops) })}
          </Button>
        )
      }
    >
      <Stack gap="md">
        <FileInput
          label={t("imports.file")}
          description={t("imports.fileText")}
          placeholder={t("imports.choose")}
          accept=".csv,.txt,.tsv,text/csv"
          leftSection={<IconFileUpload size={16} aria-hidden />}
          clearable
          clearButtonProps={{ "aria-label": t("design:clear") }}
          value={asked?.file ?? null}
          onChange={(file) => look(file && { file, columns: null, channel: asked?.channel ?? "" })}
        />
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="sm">
          <Select
            label={t("imports.channel")}
            description={t("imports.channelText")}
            allowDeselect={false}
            disabled={!asked}
            value={asked?.channel ?? ""}
            data={[
              { value: "", label: t("gate:everyChannel") },
              ...CHANNELS.map((one) => ({
                value: one as string,
                label: t(`gate:channel.${one}`),
              })),
            ]}
            onChange={(channel) => asked && look({ ...asked, channel: channel ?? "" })}
          />
          <TextInput
            label={t("imports.reason")}
            description={t("imports.reasonText")}
            maxLength={500}
            value={reason}
            onChange={(event) => setReason(event.currentTarget.value)}
          />
        </SimpleGrid>
        {preview.isPending && <Loading lines={[80, 60, 90]} />}
        {preview.error && <ErrorState error={preview.error} inline />}
        {found && asked && (
          <Found
            found={found}
            columns={asked.columns}
            onColumns={(columns) => look({ ...asked, columns })}
          />
        )}
        {apply.error && <ErrorState error={apply.error} inline />}
      </Stack>
    </RightPanel>
  );
}

const FIGURES = ["stops", "persons", "already", "unmatched_total"] as const;

function Found({
  found,
  columns,
  onColumns,
}: {
  found: Preview;
  columns: Columns | null;
  onColumns: (columns: Columns) => void;
}) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const read = columns ?? found.columns;
  return (
    <div aria-live="polite">
      <p className={classes.told}>{found.sentence}</p>
      <dl className={classes.figures}>
        {FIGURES.map((name) => (
          <div key={name}>
            <dt>{t(`imports.figure.${name}`)}</dt>
            <dd>{format.number(found[name])}</dd>
          </div>
        ))}
      </dl>
      <div className={classes.label}>{t("imports.columns")}</div>
      <SimpleGrid cols={{ base: 2, sm: 3 }} spacing="xs" mb="md">
        {COLUMNS.map((name) => (
          <Select
            key={name}
            size="xs"
            label={t(`imports.column.${name}`)}
            clearable
            placeholder={t("imports.noColumn")}
            value={read[name] ?? null}
            data={found.header.map((one) => ({ value: one, label: one }))}
            onChange={(column) => {
              const { [name]: _old, ...rest } = read;
              onColumns(column ? { ...rest, [name]: column } : rest);
            }}
          />
        ))}
      </SimpleGrid>
      {found.unmatched.length > 0 && <Unmatched found={found} />}
      <Remark>{t("imports.kept")}</Remark>
    </div>
  );
}

function Unmatched({ found }: { found: Preview }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const save = () => {
    const link = document.createElement("a");
    const csv = unmatchedCsv(
      [t("imports.line"), t("imports.said"), t("imports.why")],
      found.unmatched,
    );
    link.href = URL.createObjectURL(new Blob([csv], { type: "text/csv;charset=utf-8" }));
    link.download = t("imports.unmatchedFile");
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
  };
  return (
    <>
      <div className={classes.label}>
        {t("imports.unmatchedTitle", { count: found.unmatched_total })}
      </div>
      <section className={classes.few} tabIndex={0} aria-label={t("imports.unmatched")}>
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col" className={classes.number}>
                {t("imports.line")}
              </th>
              <th scope="col">{t("imports.said")}</th>
              <th scope="col">{t("imports.why")}</th>
            </tr>
          </thead>
          <tbody>
            {found.unmatched.map((one) => (
              <tr key={one.line}>
                <td className={classes.number}>{format.number(one.line)}</td>
                <td>{one.said}</td>
                <td>{one.sentence}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <Button variant="subtle" size="compact-sm" mb="md" onClick={save}>
        {t("imports.saveUnmatched", { count: found.unmatched.length })}
      </Button>
    </>
  );
}
