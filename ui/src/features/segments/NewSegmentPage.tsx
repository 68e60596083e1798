/** A new segment on one page: its name, its kind, and who is in it. */
import { Select, SimpleGrid, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
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
} from "@/features/rules";
import { EverySelect } from "./EverySelect";
import { KindChoice } from "./KindChoice";
import { isRanked, missingOf, NO_RANK, rankBody, type SegmentDraft } from "./model/draft";
import { faultsAt } from "./model/faults";
import { RankEditor } from "./RankEditor";
import type { Segment } from "./types";

const EMPTY: JsonObject = { all: [] };
const NO_FAULTS: readonly Fault[] = [];

export function NewSegmentPage() {
  const { t } = useTranslation("segments");
  const query = useQuery(catalogQuery);
  if (query.data) return <NewForm catalog={query.data} />;
  return (
    <Page title={t("create.title")} above={<TextLink to="/segments">{t("title")}</TextLink>}>
      <Ready query={query} lines={[50, 90, 90]}>
        {() => null}
      </Ready>
    </Page>
  );
}

function useDraft(catalog: Catalog) {
  const { rule, subject } = useSearch({ from: "/frame/segments/new" });
  const subjects = [...catalog.datasets.values()].filter((dataset) => dataset.subject !== null);
  const first = subjects.find((one) => one.name === "person") ?? subjects[0];
  const [draft, setDraft] = useState<SegmentDraft>({
    name: "",
    nameEn: "",
    description: "",
    subject: subjects.find((one) => one.name === subject)?.name ?? first?.name ?? "person",
    purpose: null,
    kind: "dynamic",
    rule: rule ?? EMPTY,
    rank: NO_RANK,
    refreshEvery: null,
  });
  const change = (part: Partial<SegmentDraft>) => setDraft((old) => ({ ...old, ...part }));
  return { draft, change, subjects };
}

function useCreate(draft: SegmentDraft) {
  const client = useQueryClient();
  const navigate = useNavigate();
  return useMutation({
    mutationFn: () =>
      call<Segment>("POST", "/api/segments", {
        body: {
          name: draft.name.trim(),
          name_en: draft.nameEn.trim(),
          description: draft.description.trim(),
          subject: draft.subject,
          purpose: draft.purpose,
          kind: draft.kind,
          rule: draft.rule,
          rank: rankBody(draft.kind, draft.rank),
          refresh_every: draft.kind === "snapshot" ? null : draft.refreshEvery,
        },
      }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["segments"] });
      await navigate({ to: "/segments/$slug", params: { slug: made.slug } });
    },
  });
}

function NewForm({ catalog }: { catalog: Catalog }) {
  const { t } = useTranslation("segments");
  const { draft, change, subjects } = useDraft(catalog);
  const create = useCreate(draft);
  const faults = isApiError(create.error) ? create.error.body.faults : NO_FAULTS;
  const ofRule = useMemo(() => faultsAt(faults, "rule"), [faults]);
  const lacks = missingOf(draft.kind, draft.rule, draft.rank);
  return (
    <Page
      title={t("create.title")}
      lead={t("create.lead")}
      above={<TextLink to="/segments">{t("title")}</TextLink>}
      action={
        <MainAction
          disabled={draft.name.trim() === "" || lacks.length > 0}
          loading={create.isPending}
          onClick={() => create.mutate()}
        >
          {t("create.submit")}
        </MainAction>
      }
    >
      {create.error && <ErrorState error={create.error} inline />}
      <Section title={t("create.basic")}>
        <Basics draft={draft} change={change} catalog={catalog} subjects={subjects} />
      </Section>
      <Section title={t("column.kind")}>
        <KindChoice value={draft.kind} onChange={(kind) => change({ kind })} />
      </Section>
      <Section title={t("create.rule")}>
        <RuleWorkbench
          key={draft.subject}
          value={draft.rule}
          onChange={(rule) => change({ rule })}
          catalog={catalog}
          subject={draft.subject}
          purpose={draft.purpose}
          faults={ofRule}
        />
      </Section>
      {isRanked(draft.kind) && (
        <Section title={t("rank.title")}>
          <RankEditor
            key={draft.subject}
            kind={draft.kind}
            value={draft.rank}
            onChange={(rank) => change({ rank })}
            catalog={catalog}
            subject={draft.subject}
            purpose={draft.purpose}
            faults={faults}
          />
        </Section>
      )}
    </Page>
  );
}

interface BasicsProps {
  draft: SegmentDraft;
  change: (part: Partial<SegmentDraft>) => void;
  catalog: Catalog;
  subjects: readonly { name: string; label: { ja: string; en: string } }[];
}

function Basics({ draft, change, catalog, subjects }: BasicsProps) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  return (
    <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
      <TextInput
        label={t("field.name")}
        placeholder={t("create.exampleJa")}
        required
        maxLength={200}
        data-autofocus
        value={draft.name}
        onChange={(event) => change({ name: event.currentTarget.value })}
      />
      <TextInput
        label={t("field.nameEn")}
        placeholder={t("create.exampleEn")}
        maxLength={200}
        value={draft.nameEn}
        onChange={(event) => change({ nameEn: event.currentTarget.value })}
      />
      <Select
        label={t("column.purpose")}
        description={t("field.purposeHelp")}
        clearable
        placeholder={t("noPurpose")}
        value={draft.purpose}
        data={catalog.purposes.map((one) => ({ value: one.name, label: format.label(one.label) }))}
        onChange={(purpose) => change({ purpose })}
      />
      {draft.kind !== "snapshot" && (
        <EverySelect
          value={draft.refreshEvery}
          onChange={(refreshEvery) => change({ refreshEvery })}
        />
      )}
      <Textarea
        label={t("field.description")}
        autosize
        minRows={1}
        maxRows={6}
        maxLength={4000}
        value={draft.description}
        onChange={(event) => change({ description: event.currentTarget.value })}
      />
      {subjects.length > 1 && (
        <Select
          label={t("field.subject")}
          allowDeselect={false}
          value={draft.subject}
          data={subjects.map((one) => ({ value: one.name, label: format.label(one.label) }))}
          onChange={(subject) => {
            if (subject) change({ subject, rule: EMPTY, rank: NO_RANK });
          }}
        />
      )}
    </SimpleGrid>
  );
}
