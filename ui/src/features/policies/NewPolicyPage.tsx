/** A new policy: opened with usual values, saved as a draft. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { MainAction, Page, Section } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { BodyForm } from "./forms/BodyForm";
import { ruleFaults } from "./model/faults";
import { freshBody } from "./model/fresh";
import { Faults } from "./PolicyPage";
import classes from "./policies.module.css";
import type { Body, NewKind, PolicyDetail } from "./types";
import { useCheck } from "./useCheck";

export function NewPolicyPage() {
  const { kind } = useSearch({ from: "/frame/settings/gate/policies/new" });
  return <NewForm key={kind} kind={kind} />;
}

const NO_EXAMPLES: readonly never[] = [];

function NewForm({ kind }: { kind: NewKind }) {
  const { t, i18n } = useTranslation("policies");
  const client = useQueryClient();
  const navigate = useNavigate();
  const both = (key: "rule.say" | `kind.${NewKind}`) => ({
    ja: i18n.getFixedT("ja", "policies")(key),
    en: i18n.getFixedT("en", "policies")(key),
  });
  const [body, setBody] = useState<Body>(() =>
    freshBody(kind, both(`kind.${kind}`), both("rule.say")),
  );
  const check = useCheck(null, body, NO_EXAMPLES);
  const create = useMutation({
    mutationFn: () => call<PolicyDetail>("POST", "/api/policies", { body: { body, examples: [] } }),
    onSuccess: async (made) => {
      await client.invalidateQueries({ queryKey: ["policies"] });
      await navigate({
        to: "/settings/gate/policies/$policyId",
        params: { policyId: made.id },
      });
    },
  });
  const faults = [
    ...(check.checked?.faults ?? []),
    ...(isApiError(create.error) ? create.error.body.faults : []),
  ];
  return (
    <Page
      title={t(`new.${kind}`)}
      lead={t(`kindText.${kind}`)}
      above={<TextLink to="/settings/gate">{t("title")}</TextLink>}
      action={
        <MainAction
          disabled={
            !check.settled ||
            check.error !== null ||
            faults.length > 0 ||
            body.name.ja.trim() === ""
          }
          loading={create.isPending}
          onClick={() => create.mutate()}
        >
          {t("new.save")}
        </MainAction>
      }
    >
      {create.error && faults.length === 0 ? <ErrorState error={create.error} inline /> : null}
      <Section title={t("section.body")}>
        {check.checked?.sentence && (
          <p className={classes.told} aria-live="polite">
            {check.checked.sentence}
          </p>
        )}
        <BodyForm body={body} onChange={setBody} readOnly={false} faults={ruleFaults(faults)} />
        <Faults faults={faults.filter((fault) => ruleFaults([fault]).length === 0)} />
        {check.error && <ErrorState error={check.error} inline />}
      </Section>
    </Page>
  );
}
