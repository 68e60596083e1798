/** One sender: whether it sends for real, its settings, a trial, and what to publish for it. */
import { Button, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { Copied } from "@/features/events/Copied";
import { ChannelMark } from "@/features/messages/badges";
import { SenderBadge } from "./badges";
import classes from "./channels.module.css";
import { DnsSection } from "./DnsSection";
import { path, providersQuery, type Sender, type Setting, senderQuery } from "./data";
import { LinePart } from "./LinePart";
import { LivePart } from "./LivePart";
import type { SenderSearch } from "./routes";
import { SettingFields } from "./SettingFields";
import { TrialPart } from "./TrialPart";
import { filled, type Values } from "./values";

export function SenderPage() {
  const { t } = useTranslation("channels");
  const { slug } = useParams({ from: "/frame/settings/channels/$slug" });
  const sender = useQuery(senderQuery(slug));
  const providers = useQuery(providersQuery);
  const found = sender.data;
  const settings = providers.data?.find((one) => one.name === found?.provider)?.settings;
  return (
    <Page
      title={found?.name ?? t("sender")}
      above={<TextLink to="/settings/channels">{t("title")}</TextLink>}
      lead={
        found && (
          <span className={classes.lead}>
            <SenderBadge sender={found} />
            <ChannelMark channel={found.channel} />
            <span>{found.provider_label}</span>
            {found.main && <span>{t("main")}</span>}
          </span>
        )
      }
      width="read"
    >
      <Ready query={sender} lines={[60, 90, 90]}>
        {(one) => (
          <>
            <LivePart sender={one} />
            <Ready query={providers} lines={[80, 80, 80]}>
              {() =>
                settings && (
                  <Settings key={`${one.id}:${one.changed_at}`} sender={one} settings={settings} />
                )
              }
            </Ready>
            <TrialPart sender={one} />
            {one.channel === "email" && <DnsSection sender={one} />}
            {one.provider === "line" && <LinePart sender={one} />}
            {(one.hook || one.public_key) && <Told sender={one} />}
            <Others sender={one} />
          </>
        )}
      </Ready>
    </Page>
  );
}

function Settings({ sender, settings }: { sender: Sender; settings: readonly Setting[] }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const client = useQueryClient();
  const [name, setName] = useState(sender.name);
  const [values, setValues] = useState<Values>({ config: sender.config, secrets: {} });
  const dirty =
    name !== sender.name ||
    JSON.stringify(filled(values.config)) !== JSON.stringify(filled(sender.config)) ||
    Object.keys(values.secrets).length > 0;
  const save = useMutation({
    mutationFn: () =>
      call<Sender>("PATCH", path(sender.slug), {
        body: { name: name.trim(), config: filled(values.config), secrets: values.secrets },
      }),
    onSuccess: async (next) => {
      client.setQueryData(senderQuery(sender.slug).queryKey, next);
      told(t("saved"));
      await client.invalidateQueries({ queryKey: ["senders"] });
    },
  });
  const faults = isApiError(save.error) ? save.error.body.faults : [];
  const readOnly = !may("channels.write");
  return (
    <Section
      title={t("form.settings")}
      aside={
        !readOnly && (
          <Button
            size="xs"
            disabled={!dirty || name.trim() === ""}
            loading={save.isPending}
            onClick={() => save.mutate()}
          >
            {t(dirty ? "form.save" : "form.kept")}
          </Button>
        )
      }
    >
      {save.error && <ErrorState error={save.error} inline />}
      <div className={classes.name}>
        <TextInput
          label={t("form.name")}
          withAsterisk
          maxLength={200}
          readOnly={readOnly}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
      </div>
      <SettingFields
        settings={settings}
        values={values}
        onChange={setValues}
        known={sender.secrets}
        faults={faults}
        readOnly={readOnly}
      />
    </Section>
  );
}

/** What has to be told to the provider: where to call back, and the public key. */
function Told({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  return (
    <Section title={t("told.title")}>
      {sender.hook && (
        <>
          <p className={classes.text}>
            {t(sender.provider === "smtp" ? "told.inboundText" : "told.hookText")}
          </p>
          <Copied label={t("told.hook")} text={sender.hook} />
        </>
      )}
      {sender.public_key && (
        <>
          <p className={classes.text}>{t("told.keyText")}</p>
          <Copied label={t("told.key")} text={sender.public_key} />
        </>
      )}
    </Section>
  );
}

/** What is seldom done: making it the main one, taking it out of use. */
function Others({ sender }: { sender: Sender }) {
  const { t } = useTranslation("channels");
  const may = useMay();
  const client = useQueryClient();
  const search = useSearch({ from: "/frame/settings/channels/$slug" });
  const navigate = useNavigate({ from: "/settings/channels/$slug" });
  const open = (part: SenderSearch["open"]) =>
    void navigate({ search: { open: part }, replace: true });
  const main = useMutation({
    mutationFn: () => call<Sender>("PATCH", path(sender.slug), { body: { main: true } }),
    onSuccess: async (next) => {
      client.setQueryData(senderQuery(sender.slug).queryKey, next);
      told(t("others.nowMain", { name: sender.name }));
      await client.invalidateQueries({ queryKey: ["senders"] });
    },
  });
  const remove = useMutation({
    mutationFn: () => call("DELETE", path(sender.slug)),
    onSuccess: async () => {
      told(t("others.removed", { name: sender.name }));
      await navigate({ to: "/settings/channels" });
      client.removeQueries({ queryKey: senderQuery(sender.slug).queryKey });
      await client.invalidateQueries({ queryKey: ["senders"] });
    },
  });
  if (!may("channels.write")) return null;
  const error = main.error ?? remove.error;
  return (
    <Section title={t("others.title")}>
      {error && <ErrorState error={error} inline />}
      <div className={classes.row}>
        {!sender.main && (
          <Button variant="default" loading={main.isPending} onClick={() => main.mutate()}>
            {t("others.makeMain", { channel: t(`messages:channel.${sender.channel}`) })}
          </Button>
        )}
        <Button
          variant="default"
          aria-expanded={search.open === "remove"}
          onClick={() => open(search.open === "remove" ? undefined : "remove")}
        >
          {t("others.remove")}
        </Button>
      </div>
      {search.open === "remove" && (
        <Remark tone="warn">
          {t(sender.live ? "others.removeLive" : "others.removeText")}
          <div className={classes.row}>
            <Button size="xs" loading={remove.isPending} onClick={() => remove.mutate()}>
              {t("others.removeNow")}
            </Button>
            <Button size="xs" variant="default" onClick={() => open(undefined)}>
              {t("cancel")}
            </Button>
          </div>
        </Remark>
      )}
    </Section>
  );
}
