/** For a manager: lists at risk, blocked people, this week's outcomes, what changed. */
import { IconAlertTriangle, IconBan } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { LongWork } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { isBuilding } from "../lists/api";
import { ProgressBar } from "../lists/badges";
import type { Today } from "../lists/types";
import { Changes } from "./Changes";
import classes from "./today.module.css";

type Blocked = Today["blocked"][number];

/** A person blocked on several lists is one line that names them all. */
export function onePerPerson(rows: readonly Blocked[]): { one: Blocked; lists: string[] }[] {
  const found = new Map<string, { one: Blocked; lists: string[] }>();
  for (const one of rows) {
    const known = found.get(one.person_id);
    if (known) known.lists.push(one.list_name);
    else found.set(one.person_id, { one, lists: [one.list_name] });
  }
  return [...found.values()];
}

export function ManagerToday({ today }: { today: Today }) {
  const { t } = useTranslation("today");
  const format = useFormat();
  return (
    <>
      {today.builds.filter(isBuilding).map((build) => (
        <LongWork key={build.id} label={t("building")} done={build.written} total={build.found} />
      ))}
      <Section title={t("risk.title")}>
        {today.at_risk.length === 0 ? (
          <p className={classes.calm}>{t("risk.none")}</p>
        ) : (
          <ul className={classes.risks}>
            {today.at_risk.map(({ list, why }) => (
              <li key={list.id}>
                <Link to="/lists/$id" params={{ id: list.id }} className={classes.risk}>
                  <IconAlertTriangle size={16} className={classes.warn} aria-hidden />
                  <span className={classes.riskWords}>
                    <span>{list.name}</span>
                    <span className={classes.taskWhy}>{why}</span>
                  </span>
                  <span className={classes.riskBar}>
                    <ProgressBar {...list} />
                    <span className="muted">
                      {t("risk.left", { people: format.count(list.open + list.working, "people") })}
                    </span>
                  </span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </Section>
      <div className={classes.two}>
        <Section
          title={t("outcomes.title")}
          aside={<span className="muted">{t("outcomes.lead")}</span>}
        >
          <Outcomes today={today} />
        </Section>
        <Section
          title={t("blocked.title")}
          aside={
            today.blocked_total > today.blocked.length && (
              <span className="muted">
                {t("blocked.total", { people: format.count(today.blocked_total, "people") })}
              </span>
            )
          }
        >
          {today.blocked.length === 0 ? (
            <p className={classes.calm}>{t("blocked.none")}</p>
          ) : (
            <ul className={classes.lines}>
              {onePerPerson(today.blocked).map(({ one, lists }) => (
                <li key={one.person_id}>
                  <span className={classes.taskName}>
                    <IconBan size={14} className={classes.stop} aria-hidden />
                    <TextLink
                      to="/lists/$id"
                      params={{ id: one.list_id }}
                      search={{ member: one.member_id }}
                    >
                      {one.display}
                    </TextLink>
                  </span>
                  <span>{one.reason}</span>
                  <span className="muted">{lists.join(t("comma"))}</span>
                </li>
              ))}
            </ul>
          )}
        </Section>
      </div>
      {today.changes.length > 0 && (
        <Section title={t("changes.title")}>
          <Changes changes={today.changes} />
        </Section>
      )}
    </>
  );
}

function Outcomes({ today }: { today: Today }) {
  const { t } = useTranslation("today");
  const format = useFormat();
  const most = Math.max(1, ...today.outcomes_week.map((one) => one.engagements));
  const total = today.outcomes_week.reduce((sum, one) => sum + one.engagements, 0);
  if (total === 0) return <p className={classes.calm}>{t("outcomes.none")}</p>;
  return (
    <ul className={classes.bars}>
      {today.outcomes_week.map((one) => (
        <li key={one.kind}>
          <span>{one.label}</span>
          <span className={classes.track} aria-hidden>
            <span
              className={classes.fill}
              data-kind={one.kind}
              style={{ width: `${(one.engagements / most) * 100}%` }}
            />
          </span>
          <span className="tabular">{format.count(one.engagements, "items")}</span>
        </li>
      ))}
    </ul>
  );
}
