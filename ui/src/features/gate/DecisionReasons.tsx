import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./gate.module.css";
import type { Decision } from "./types";

/** Why the gate answered so: one line a reason, with when it passes and who may let it through. */
export function DecisionReasons({ decision }: { decision: Decision }) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  if (decision.reasons.length === 0) return null;
  return (
    <ul className={classes.reasons}>
      {decision.reasons.map((reason) => (
        <li key={`${reason.code}:${reason.restriction_id}:${reason.sentence}`}>
          {reason.sentence}
          {reason.until && (
            <span className="muted">
              {t("reason.until", { until: format.dateTime(reason.until) })}
            </span>
          )}
          {reason.by && (
            <span className="muted">
              {t(reason.another ? "reason.another" : "reason.by", {
                role: t(`app:role.${reason.by}`),
              })}
            </span>
          )}
        </li>
      ))}
    </ul>
  );
}
