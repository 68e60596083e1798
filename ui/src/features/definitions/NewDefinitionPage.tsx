/** The first step of a definition: its name, whom it is about and for what purpose. */
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { ErrorState, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import {
  type Catalog,
  catalogQuery,
  type Fault,
  type JsonObject,
  RuleWorkbench,
  waitingFor,
} from "@/features/rules";
import type { Definition } from "../lists/types";
import { newBody, newColumn, slugOf } from "./words";

export function NewDefinitionPage() {
  const { t } = useTranslation("definitions");
  const query = useQuery(catalogQuery);
  if (query.data) return <NewForm catalog={query.data} />;
  return (
    <Page title={t("create.title")} lead={t("create.lead")}>
      <Ready query={query} lines={[50, 90, 90]}>
        {() => null}
      </Ready>
    </Page>
  );
}

const EMPTY: JsonObject = { all: [] };
const NO_FAULTS: readonly Fault[] = [];

function NewForm({ catalog }: { catalog: Catalog }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const navigate = useNavigate();
  const client = useQueryClient();
  const subjects = [...catalog.datasets.values()].filter((dataset) => dataset.subject !== null);
  const [ja, setJa] = useState("");
  const [en, setEn] = useState("");
  const [slug, setSlug] = useState<string | null>(null);
  const [subject, setSubject] = useState(subjects[0]?.name ?? "person");
  const [purpose, setPurpose] = useState<string | null>(null);
  const [rule, setRule] = useState<JsonObject>(EMPTY);
  const create = useMutation({
    mutationFn: () => {
      const body = newBody({ ja: ja.trim(), en: en.trim() || ja.trim() }, subject, purpose);
      body.rule = rule;
      const dataset = catalog.datasets.get(subject);
      // A list needs a column beside the name it always shows: start with a way to reach people.
      const first =
        dataset?.fields.find((field) => field.meaning === "phone") ?? dataset?.fields[0];
      if (first) body.columns = [newColumn(catalog, subject, { field: first.name }, [])];
      return call<Definition>("POST", "/api/definitions", {
        body: { slug: slug ?? slugOf(en), body },
      });
    },
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["definitions"] });
      await navigate({ to: "/definitions/$id", params: { id: made.id }, search: { tab: "who" } });
    },
  });
  const shownSlug = slug ?? slugOf(en);
  const complete =
    ja.trim() !== "" && en.trim() !== "" && shownSlug !== "" && waitingFor(rule) === null;
  return (
    <Page
      title={t("create.title")}
      lead={t("create.lead")}
      above={<TextLink to="/definitions">{t("title")}</TextLink>}
      action={
        <MainAction disabled={!complete} loading={create.isPending} onClick={() => create.mutate()}>
          {t("create.submit")}
        </MainAction>
      }
    >
      {create.error && <ErrorState error={create.error} inline />}
      <Section title={t("section.basic")}>
        <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
          <TextInput
            label={t("basic.nameJa")}
            placeholder={t("create.exampleJa")}
            required
            value={ja}
            onChange={(event) => setJa(event.currentTarget.value)}
          />
          <TextInput
            label={t("basic.nameEn")}
            placeholder={t("create.exampleEn")}
            required
            value={en}
            onChange={(event) => setEn(event.currentTarget.value)}
          />
          <Select
            label={t("basic.purpose")}
            description={t("basic.purposeHelp")}
            clearable
            placeholder={t("basic.noPurpose")}
            value={purpose}
            data={catalog.purposes.map((one) => ({
              value: one.name,
              label: format.label(one.label),
            }))}
            onChange={setPurpose}
          />
          <TextInput
            label={t("basic.slug")}
            description={t("basic.slugHelp")}
            required
            value={shownSlug}
            onChange={(event) => setSlug(event.currentTarget.value)}
          />
          {subjects.length > 1 && (
            <Select
              label={t("basic.subject")}
              allowDeselect={false}
              value={subject}
              data={subjects.map((one) => ({ value: one.name, label: format.label(one.label) }))}
              onChange={(value) => {
                if (!value) return;
                setSubject(value);
                setRule(EMPTY);
              }}
            />
          )}
        </SimpleGrid>
      </Section>
      <Section title={t("section.who")}>
        <RuleWorkbench
          key={subject}
          value={rule}
          onChange={setRule}
          catalog={catalog}
          subject={subject}
          purpose={purpose}
          faults={isApiError(create.error) ? create.error.body.faults : NO_FAULTS}
        />
      </Section>
    </Page>
  );
}
