/** The quiet hours and business hours that the policies in force lay over the calendar. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { policiesQuery } from "./data";
import classes from "./policies.module.css";

const TIMELY: readonly string[] = ["quiet_hours", "business_hours"];

export function QuietTimes() {
  const { t } = useTranslation("policies");
  const policies = useQuery(policiesQuery);
  return (
    <Section title={t("calendar.quiet")}>
      <Ready query={policies} lines={[60, 60]}>
        {(found) => {
          const timely = found.filter(
            (one) => one.state === "published" && TIMELY.includes(one.kind),
          );
          if (timely.length === 0) return <p className={classes.hint}>{t("calendar.noQuiet")}</p>;
          return (
            <ul className={classes.versions}>
              {timely.map((one) => (
                <li key={one.id}>
                  <TextLink
                    to="/settings/gate/policies/$policyId"
                    params={{ policyId: one.id }}
                    size="sm"
                  >
                    {one.name}
                  </TextLink>
                  <span>{one.sentence}</span>
                </li>
              ))}
            </ul>
          );
        }}
      </Ready>
    </Section>
  );
}
