/** A new template: its channel and purpose for good, and what it begins with. */
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/rules";
import { ChannelMark } from "./badges";
import { startersQuery } from "./data";
import classes from "./messages.module.css";
import { CHANNELS } from "./model/body";
import type { Template } from "./types";

export function NewTemplatePage() {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const search = useSearch({ from: "/frame/messages/new" });
  const navigate = useNavigate({ from: "/messages/new" });
  const client = useQueryClient();
  const channel = search.channel ?? "email";
  const catalog = useQuery(catalogQuery);
  const starters = useQuery(startersQuery);
  const [name, setName] = useState("");
  const [slug, setSlug] = useState("");
  const [purpose, setPurpose] = useState<string | null>(null);
  const [chosen, setChosen] = useState<string | null>(null);
  const offered = (starters.data ?? []).filter((one) => one.channel === channel);
  const starter = offered.find((one) => one.name === chosen)?.name ?? offered[0]?.name ?? "";
  const make = useMutation({
    mutationFn: () =>
      call<Template>("POST", "/api/templates", {
        body: { name: name.trim(), slug: slug.trim(), channel, purpose, starter },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["templates"] });
      await navigate({ to: "/messages/templates/$slug", params: { slug: made.slug } });
    },
  });
  const named = name.trim() !== "" && /^[a-z0-9][a-z0-9-]{0,62}$/.test(slug.trim());
  return (
    <Page
      title={t("new.title")}
      lead={t("new.lead")}
      above={<TextLink to="/messages">{t("title")}</TextLink>}
      width="read"
      action={
        <MainAction
          disabled={!named || purpose === null}
          loading={make.isPending}
          onClick={() => make.mutate()}
        >
          {t("new.make")}
        </MainAction>
      }
    >
      {make.error && <ErrorState error={make.error} inline />}
      <Section title={t("new.channel")}>
        <div className={classes.cards} role="radiogroup" aria-label={t("new.channel")}>
          {CHANNELS.map((one) => (
            <Card
              key={one}
              name="channel"
              checked={channel === one}
              onPick={() => void navigate({ search: { channel: one }, replace: true })}
              title={<ChannelMark channel={one} />}
              text={t(`channelText.${one}`)}
            />
          ))}
        </div>
      </Section>
      <Section title={t("new.about")}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput
            label={t("new.name")}
            maxLength={200}
            value={name}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <TextInput
            label={t("new.slug")}
            description={t("new.slugText")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            maxLength={63}
            value={slug}
            onChange={(event) => setSlug(event.currentTarget.value.toLowerCase())}
          />
          <Select
            label={t("new.purpose")}
            description={t("new.purposeText")}
            inputWrapperOrder={["label", "input", "description", "error"]}
            value={purpose}
            data={(catalog.data?.purposes ?? []).map((one) => ({
              value: one.name,
              label: format.label(one.label),
            }))}
            onChange={setPurpose}
          />
        </SimpleGrid>
      </Section>
      {offered.length > 0 && (
        <Section title={t("new.starter")}>
          <div className={classes.cards} role="radiogroup" aria-label={t("new.starter")}>
            {offered.map((one) => (
              <Card
                key={one.name}
                name="starter"
                checked={starter === one.name}
                onPick={() => setChosen(one.name)}
                title={one.label}
                text={one.description}
              />
            ))}
          </div>
        </Section>
      )}
    </Page>
  );
}

function Card(props: {
  name: string;
  checked: boolean;
  onPick: () => void;
  title: React.ReactNode;
  text: string;
}) {
  return (
    <label className={classes.card} data-on={props.checked || undefined}>
      <input
        type="radio"
        className={classes.heard}
        name={props.name}
        checked={props.checked}
        onChange={props.onPick}
      />
      <span className={classes.cardTitle}>{props.title}</span>
      <span className={classes.cardText}>{props.text}</span>
    </label>
  );
}
