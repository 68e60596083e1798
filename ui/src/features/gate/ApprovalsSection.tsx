/** What waits for a manager: contacts that the gate lets through only with an approval. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { ErrorState } from "@/design/states";
import { approvalsQuery } from "./data";
import classes from "./gate.module.css";
import { Requests } from "./Requests";

const SHOWN = 5;

/** On 今日, for those who may approve. Nothing is shown while nothing waits. */
export function ApprovalsSection() {
  const { t } = useTranslation("gate");
  const may = useMay();
  const waiting = useQuery({ ...approvalsQuery("waiting"), enabled: may("gate.approve") });
  if (!may("gate.approve")) return null;
  if (waiting.error) {
    return (
      <Section title={t("approvals.title")}>
        <ErrorState error={waiting.error} onRetry={() => void waiting.refetch()} inline />
      </Section>
    );
  }
  const items = waiting.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Section
      title={t("approvals.title")}
      aside={
        <TextLink to="/approvals" size="sm">
          {t("approvals.all", { count: items.length })}
        </TextLink>
      }
    >
      <Requests items={items.slice(0, SHOWN)} />
      {items.length > SHOWN && (
        <p className={classes.quiet}>{t("approvals.more", { count: items.length - SHOWN })}</p>
      )}
    </Section>
  );
}
