/** What the checks have found here: what is wrong, and what to do. */
import { IconAlertTriangle, IconBan } from "@tabler/icons-react";
import classes from "../messages.module.css";
import type { Check } from "../types";

export function Findings({ checks }: { checks: readonly Check[] }) {
  if (checks.length === 0) return null;
  return (
    <ul className={classes.findings}>
      {checks.map((check) => (
        <li key={check.code + check.path} data-level={check.level}>
          {check.level === "refuse" ? (
            <IconBan size={15} stroke={1.8} aria-hidden />
          ) : (
            <IconAlertTriangle size={15} stroke={1.8} aria-hidden />
          )}
          <span>
            {check.message} <span className={classes.remedy}>{check.remedy}</span>
          </span>
        </li>
      ))}
    </ul>
  );
}
