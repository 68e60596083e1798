/** For roles without lists of their own: the next sensible thing, by what they may do. */
import { IconChevronRight } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMe } from "@/app/session";
import { Section } from "@/design/Page";
import { ProgressBar } from "../lists/badges";
import type { ListSummary } from "../lists/types";
import classes from "./today.module.css";

const STEPS = [
  { id: "data", to: "/data", permission: "data.read" },
  { id: "define", to: "/definitions/new", permission: "definitions.write" },
  { id: "definitions", to: "/definitions", permission: "definitions.read" },
  { id: "lists", to: "/lists", permission: "lists.read" },
  { id: "customers", to: "/customers", permission: "customers.read" },
  { id: "users", to: "/settings/users", permission: "users.write" },
  { id: "audit", to: "/settings/audit", permission: "audit.read" },
] as const;

/** What each role comes for, most important first; what is not named follows in the order above. */
const FIRST: Record<string, readonly string[]> = {
  administrator: ["data", "define", "users"],
  analyst: ["data", "definitions", "lists"],
  auditor: ["audit", "lists", "users"],
  marketer: ["definitions", "customers", "lists"],
};

export function NextSteps({ lists }: { lists: readonly ListSummary[] }) {
  const { t } = useTranslation("today");
  const me = useMe();
  const first = FIRST[me.role] ?? [];
  const rank = (id: string) => {
    const at = first.indexOf(id);
    return at < 0 ? first.length : at;
  };
  const steps = STEPS.filter((step) => me.permissions.includes(step.permission))
    .filter((step) => !(step.id === "definitions" && me.permissions.includes("definitions.write")))
    .sort((a, b) => rank(a.id) - rank(b.id))
    .slice(0, 4);
  return (
    <>
      <Section title={t("next.title")}>
        <ul className={classes.tasks}>
          {steps.map((step) => (
            <li key={step.id}>
              <Link to={step.to as string} className={classes.task}>
                <span className={classes.taskWho}>
                  <span className={classes.taskName}>{t(`next.${step.id}.title`)}</span>
                  <span className={classes.taskWhy}>{t(`next.${step.id}.text`)}</span>
                </span>
                <IconChevronRight size={16} className={classes.chevron} aria-hidden />
              </Link>
            </li>
          ))}
        </ul>
      </Section>
      {lists.length > 0 && (
        <Section title={t("lists.title")}>
          <ul className={classes.risks}>
            {lists.map((list) => (
              <li key={list.id}>
                <Link to="/lists/$id" params={{ id: list.id }} className={classes.risk}>
                  <span className={classes.riskWords}>
                    <span>{list.name}</span>
                    <span className={classes.taskWhy}>{list.definition_name}</span>
                  </span>
                  <span className={classes.riskBar}>
                    <ProgressBar {...list} />
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        </Section>
      )}
    </>
  );
}
