/** One policy: its form, the examples it has to pass, a try on the past, its versions. */
import { Button } from "@mantine/core";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useParams } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { told } from "@/design/undo";
import type { Fault } from "@/features/rules";
import { DryRunSection } from "./DryRunSection";
import { policyQuery } from "./data";
import { ExamplesSection } from "./ExamplesSection";
import { BodyForm } from "./forms/BodyForm";
import { ruleFaults } from "./model/faults";
import { StateBadge } from "./PoliciesPage";
import classes from "./policies.module.css";
import type { Body, Example, PolicyDetail } from "./types";
import { useCheck } from "./useCheck";
import { VersionsSection } from "./VersionsSection";

export function PolicyPage() {
  const { t } = useTranslation("policies");
  const { policyId } = useParams({ from: "/frame/settings/gate/policies/$policyId" });
  const policy = useQuery(policyQuery(policyId));
  if (policy.data) return <Editor key={policyId} policy={policy.data} />;
  return (
    <Page title={t("title")} above={<TextLink to="/settings/gate">{t("title")}</TextLink>}>
      <Ready query={policy} lines={[50, 90, 90, 60]}>
        {() => null}
      </Ready>
    </Page>
  );
}

export interface Draft {
  body: Body;
  examples: Example[];
}

function useDraft(policy: PolicyDetail) {
  const saved = JSON.stringify({ body: policy.shown.body, examples: policy.shown.examples });
  const [draft, setDraft] = useState<Draft>(() => JSON.parse(saved) as Draft);
  useEffect(() => setDraft(JSON.parse(saved) as Draft), [saved]);
  return { draft, setDraft, dirty: JSON.stringify(draft) !== saved };
}

/** Everything that can be done with the policy. */
function useDeeds(policy: PolicyDetail, draft: Draft, dirty: boolean) {
  const { t } = useTranslation("policies");
  const client = useQueryClient();
  const navigate = useNavigate();
  const path = `/api/policies/${policy.id}`;
  const put = () => call<PolicyDetail>("PUT", `${path}/draft`, { body: draft });
  const take = async (next: PolicyDetail) => {
    client.setQueryData(policyQuery(policy.id).queryKey, next);
    await client.invalidateQueries({ queryKey: ["policies"], exact: true });
  };
  const save = useMutation({
    mutationFn: put,
    onSuccess: async (next) => {
      await take(next);
      told(t("done.saved"));
    },
  });
  const publish = useMutation({
    mutationFn: async () => {
      if (dirty) await take(await put());
      return call<PolicyDetail>("POST", `${path}/publish`);
    },
    onSuccess: async (next) => {
      await take(next);
      await client.invalidateQueries({ queryKey: ["customer"] });
      told(t("done.published", { name: next.name }));
    },
  });
  const discard = useMutation({
    mutationFn: () => call<PolicyDetail | null>("DELETE", `${path}/draft`),
    onSuccess: async (next) => {
      if (next) return take(next);
      await client.invalidateQueries({ queryKey: ["policies"] });
      await navigate({ to: "/settings/gate" });
    },
  });
  const retire = useMutation({
    mutationFn: () => call<PolicyDetail>("POST", `${path}/retire`),
    onSuccess: async (next) => {
      await take(next);
      told(t("done.retired", { name: next.name }));
    },
  });
  return {
    save,
    publish,
    discard,
    retire,
    error: save.error ?? publish.error ?? discard.error ?? retire.error,
    busy: save.isPending || publish.isPending || discard.isPending || retire.isPending,
  };
}

const NO_FAULTS: readonly Fault[] = [];

function Editor({ policy }: { policy: PolicyDetail }) {
  const { t } = useTranslation("policies");
  const may = useMay();
  const { draft, setDraft, dirty } = useDraft(policy);
  const check = useCheck(policy.id, draft.body, draft.examples);
  const deeds = useDeeds(policy, draft, dirty);
  const retired = policy.state === "retired";
  const readOnly = !may("policies.write") || retired;
  const faults = isApiError(deeds.error) ? deeds.error.body.faults : NO_FAULTS;
  const all = [...(check.checked?.faults ?? []), ...faults];
  const failing = check.checked?.outcomes.filter((one) => !one.passed).length ?? 0;
  const publishable =
    (policy.draft || dirty) && check.settled && !check.error && failing === 0 && !all.length;
  return (
    <Page
      title={policy.name}
      above={<TextLink to="/settings/gate">{t("title")}</TextLink>}
      lead={
        <span className={classes.marks}>
          {t(`kind.${policy.kind}`)}
          <StateBadge policy={policy} />
        </span>
      }
      action={
        !readOnly && (
          <MainAction
            disabled={!publishable || deeds.busy}
            loading={deeds.publish.isPending}
            onClick={() => deeds.publish.mutate()}
          >
            {t("publish")}
          </MainAction>
        )
      }
      others={!readOnly && <Others policy={policy} deeds={deeds} dirty={dirty} />}
    >
      {deeds.error && faults.length === 0 ? <ErrorState error={deeds.error} inline /> : null}
      {retired && <Remark>{t("retiredText")}</Remark>}
      <Section title={t("section.body")}>
        <p className={classes.told} aria-live="polite">
          {check.checked?.sentence || policy.sentence}
        </p>
        <BodyForm
          body={draft.body}
          onChange={(body) => setDraft((old) => ({ ...old, body }))}
          readOnly={readOnly}
          faults={ruleFaults(all)}
        />
        <Faults faults={all.filter((fault) => ruleFaults([fault]).length === 0)} />
        {check.error && <ErrorState error={check.error} inline />}
      </Section>
      <ExamplesSection
        body={draft.body}
        examples={draft.examples}
        outcomes={check.checked?.outcomes}
        onChange={(examples) => setDraft((old) => ({ ...old, examples }))}
        readOnly={readOnly}
      />
      <DryRunSection policy={policy.id} body={draft.body} blocked={all.length > 0} />
      <VersionsSection versions={policy.versions} />
    </Page>
  );
}

function Others({
  policy,
  deeds,
  dirty,
}: {
  policy: PolicyDetail;
  deeds: ReturnType<typeof useDeeds>;
  dirty: boolean;
}) {
  const { t } = useTranslation("policies");
  const [sure, setSure] = useState(false);
  return (
    <>
      {policy.draft && !dirty && (
        <Button variant="default" disabled={deeds.busy} onClick={() => deeds.discard.mutate()}>
          {t("discard")}
        </Button>
      )}
      {policy.state === "published" && !policy.ground && !dirty && (
        <Button
          variant="default"
          disabled={deeds.busy}
          onClick={() => (sure ? deeds.retire.mutate() : setSure(true))}
          onBlur={() => setSure(false)}
        >
          {sure ? t("retireSure") : t("retire")}
        </Button>
      )}
      {dirty && (
        <Button variant="default" disabled={deeds.busy} onClick={() => deeds.save.mutate()}>
          {t("saveDraft")}
        </Button>
      )}
    </>
  );
}

/** What is wrong with the policy, below its form. */
export function Faults({ faults }: { faults: readonly Fault[] }) {
  if (faults.length === 0) return null;
  return (
    <ul className={classes.faults} role="alert">
      {faults.map((fault) => (
        <li key={`${fault.path}:${fault.code}`}>
          {fault.message} {fault.remedy} <code>{fault.path}</code>
        </li>
      ))}
    </ul>
  );
}
