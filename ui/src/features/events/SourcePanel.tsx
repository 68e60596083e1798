import { Button, Checkbox, Group, Stack, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { Copied } from "./Copied";
import { type Source, type SourceWithKey, serverCode, snippetCode, sourcesQuery } from "./data";
import classes from "./events.module.css";
import { NoticePart } from "./NoticePart";

interface SourcePanelProps {
  source: Source | undefined;
  url: string;
  onClose: () => void;
}

/** One event source: how to send with it, what to tell visitors, and its key's life. */
export function SourcePanel({ source, url, onClose }: SourcePanelProps) {
  const { t } = useTranslation("events");
  const may = useMay();
  const [fresh, setFresh] = useState<SourceWithKey | null>(null);
  if (!source) {
    return (
      <RightPanel title={t("sources.gone")} onClose={onClose}>
        <Empty title={t("sources.gone")} />
      </RightPanel>
    );
  }
  return (
    <RightPanel
      title={source.name}
      lead={
        <Group gap="sm">
          <span>{t(`kind.${source.kind}`)}</span>
          <StatusBadge tone={source.enabled ? "good" : "neutral"} plain>
            {source.enabled ? t("sources.enabled") : t("sources.disabled")}
          </StatusBadge>
          <TextLink to="/events" search={{ source: source.id }}>
            {t("sources.watch")}
          </TextLink>
        </Group>
      }
      onClose={onClose}
      width={560}
    >
      <Stack gap="lg">
        <Sending source={source} url={url} fresh={fresh} />
        {may("events.write") && <Settings key={source.id} source={source} onKey={setFresh} />}
        {source.kind === "web" && <NoticePart source={source} />}
      </Stack>
    </RightPanel>
  );
}

interface SendingProps {
  source: Source;
  url: string;
  fresh: SourceWithKey | null;
}

/** What to paste where. */
function Sending({ source, url, fresh }: SendingProps) {
  const { t } = useTranslation("events");
  const [waits, setWaits] = useState(false);
  const key = fresh?.key ?? source.key;
  if (source.kind === "web" && key) {
    return (
      <section className={classes.part}>
        <h3 className={classes.heading}>{t("sources.snippet")}</h3>
        <p className="muted">{t("sources.snippetText")}</p>
        <Checkbox
          label={t("sources.waits")}
          description={t("sources.waitsText")}
          checked={waits}
          onChange={(event) => setWaits(event.currentTarget.checked)}
        />
        <Copied label={t("sources.tag")} text={snippetCode(url, key, waits)} />
        <Remark>{t("sources.marks")}</Remark>
      </section>
    );
  }
  return (
    <section className={classes.part}>
      <h3 className={classes.heading}>{t("sources.sending")}</h3>
      {fresh && source.kind === "server" && <Remark tone="warn">{t("sources.once")}</Remark>}
      {key && <Copied label={t("sources.key")} text={key} />}
      <Copied label={t("sources.example")} text={serverCode(url, key ?? `…${source.hint}`)} />
      <p className="muted">{t("sources.sdk", { url })}</p>
    </section>
  );
}

function Settings({ source, onKey }: { source: Source; onKey: (made: SourceWithKey) => void }) {
  const { t } = useTranslation("events");
  const client = useQueryClient();
  const format = useFormat();
  const [name, setName] = useState(source.name);
  const [origins, setOrigins] = useState(source.origins.join("\n"));
  const refresh = () => client.invalidateQueries({ queryKey: sourcesQuery.queryKey });
  const change = useMutation({
    mutationFn: (body: { name?: string; enabled?: boolean; origins?: string[] }) =>
      call<Source>("PATCH", `/api/events/sources/${source.id}`, { body }),
    onSuccess: refresh,
  });
  const rotate = useMutation({
    mutationFn: () =>
      call<SourceWithKey>("POST", `/api/events/sources/${source.id}/rotate`, {
        body: { keep_old_hours: 24 },
      }),
    onSuccess: async (made) => {
      onKey(made);
      told(t("sources.rotated"));
      await refresh();
    },
  });
  const problem = change.error ?? rotate.error;
  return (
    <section className={classes.part}>
      <h3 className={classes.heading}>{t("sources.settings")}</h3>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const body = { name: name.trim(), origins: origins.split(/\s+/).filter(Boolean) };
          change.mutate(source.kind === "web" ? body : { name: body.name }, {
            onSuccess: () => told(t("sources.saved")),
          });
        }}
      >
        <Stack gap="sm">
          <TextInput
            label={t("sources.name")}
            maxLength={100}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          {source.kind === "web" && (
            <Textarea
              label={t("sources.origins")}
              description={t("sources.originsText")}
              placeholder={t("sources.originsExample")}
              autosize
              minRows={2}
              value={origins}
              onChange={(event) => setOrigins(event.currentTarget.value)}
            />
          )}
          <Group gap="sm">
            <Button type="submit" variant="default" loading={change.isPending}>
              {t("save")}
            </Button>
            <Button variant="default" loading={rotate.isPending} onClick={() => rotate.mutate()}>
              {t("sources.rotate")}
            </Button>
            <Button
              variant="default"
              onClick={() =>
                change.mutate(
                  { enabled: !source.enabled },
                  {
                    onSuccess: () =>
                      told(t(source.enabled ? "sources.didDisable" : "sources.didEnable"), () =>
                        change.mutate({ enabled: source.enabled }),
                      ),
                  },
                )
              }
            >
              {source.enabled ? t("sources.disable") : t("sources.enable")}
            </Button>
          </Group>
          {source.old_key_until && (
            <Remark>{t("sources.oldKey", { until: format.dateTime(source.old_key_until) })}</Remark>
          )}
          {problem && <ErrorState error={problem} inline />}
        </Stack>
      </form>
    </section>
  );
}
