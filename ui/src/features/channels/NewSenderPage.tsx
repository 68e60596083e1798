/** A new sender: its provider, then what that provider asks to be told. */
import { SimpleGrid, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import { ChannelMark } from "@/features/messages/badges";
import classes from "./channels.module.css";
import { type Provider, providersQuery, type Sender } from "./data";
import { SettingFields } from "./SettingFields";
import { begun, filled, lacking } from "./values";

export function NewSenderPage() {
  const { t } = useTranslation("channels");
  const providers = useQuery(providersQuery);
  const { provider } = useSearch({ from: "/frame/settings/channels/new" });
  const offered = providers.data?.filter((one) => one.channel !== "person") ?? [];
  const chosen = offered.find((one) => one.name === provider);
  if (chosen) return <Fill key={chosen.name} provider={chosen} offered={offered} />;
  return (
    <Page
      title={t("new.title")}
      lead={t("new.lead")}
      above={<TextLink to="/settings/channels">{t("title")}</TextLink>}
      width="read"
    >
      <Ready query={providers} lines={[60, 60, 60]}>
        {() => <Choice offered={offered} chosen={undefined} />}
      </Ready>
    </Page>
  );
}

function Choice(props: { offered: readonly Provider[]; chosen: string | undefined }) {
  const { t } = useTranslation("channels");
  const navigate = useNavigate({ from: "/settings/channels/new" });
  return (
    <Section title={t("new.provider")}>
      <div className={classes.cards} role="radiogroup" aria-label={t("new.provider")}>
        {props.offered.map((one) => (
          <label key={one.name} className={classes.card} data-on={one.name === props.chosen}>
            <input
              type="radio"
              className={classes.heard}
              name="provider"
              checked={one.name === props.chosen}
              onChange={() => void navigate({ search: { provider: one.name }, replace: true })}
            />
            <span>{one.label}</span>
            <span className="muted">
              <ChannelMark channel={one.channel} />
            </span>
          </label>
        ))}
      </div>
    </Section>
  );
}

const SLUG = /^[a-z][a-z0-9-]{0,62}$/;

function Fill({ provider, offered }: { provider: Provider; offered: readonly Provider[] }) {
  const { t } = useTranslation("channels");
  const navigate = useNavigate();
  const client = useQueryClient();
  const [name, setName] = useState("");
  const [slug, setSlug] = useState(provider.name);
  const [values, setValues] = useState(() => begun(provider.settings));
  const make = useMutation({
    mutationFn: () =>
      call<Sender>("POST", "/api/senders", {
        body: {
          slug,
          name: name.trim(),
          provider: provider.name,
          config: filled(values.config),
          secrets: values.secrets,
        },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["senders"] });
      told(t("new.made", { name: made.name }));
      await navigate({ to: "/settings/channels/$slug", params: { slug: made.slug } });
    },
  });
  const faults = isApiError(make.error) ? make.error.body.faults : [];
  // A secret may follow later; what is told openly is asked for now.
  const open = lacking(
    provider.settings,
    values,
    provider.settings.map((one) => one.name),
  );
  const whole = name.trim() !== "" && SLUG.test(slug) && open.length === 0;
  return (
    <Page
      title={t("new.title")}
      lead={t("new.lead")}
      above={<TextLink to="/settings/channels">{t("title")}</TextLink>}
      width="read"
      action={
        <MainAction disabled={!whole} loading={make.isPending} onClick={() => make.mutate()}>
          {t("new.make")}
        </MainAction>
      }
    >
      {make.error && <ErrorState error={make.error} inline />}
      <Choice offered={offered} chosen={provider.name} />
      <Section title={t("form.about")}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput
            label={t("form.name")}
            withAsterisk
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t("form.slug")}
            description={t("form.slugText")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            withAsterisk
            maxLength={63}
            value={slug}
            onChange={(event) => setSlug(event.currentTarget.value.toLowerCase())}
          />
        </SimpleGrid>
      </Section>
      <Section title={provider.label}>
        <SettingFields
          settings={provider.settings}
          values={values}
          onChange={setValues}
          faults={faults}
        />
      </Section>
    </Page>
  );
}
