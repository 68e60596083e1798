import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./gate.module.css";
import type { Decision } from "./types";

/** Why the gate answered so, with when each reason passes and who may let the contact through. */
export function DecisionReasons({ decision }: { decision: Decision }) {
  const { reasons } = decision;
  const [only] = reasons;
  if (!only) return null;
  if (reasons.length === 1) {
    return (
      <div className={classes.reason}>
        <Words reason={only} />
      </div>
    );
  }
  return (
    <ul className={classes.reasons}>
      {reasons.map((reason) => (
        <li key={`${reason.code}:${reason.restriction_id}:${reason.sentence}`}>
          <Words reason={reason} />
        </li>
      ))}
    </ul>
  );
}

function Words({ reason }: { reason: Decision["reasons"][number] }) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  return (
    <>
      {reason.sentence}
      {reason.until && (
        <span className="muted">{t("reason.until", { until: format.dateTime(reason.until) })}</span>
      )}
      {reason.by && (
        <span className="muted">
          {t(reason.another ? "reason.another" : "reason.by", {
            role: t(`app:role.${reason.by}`),
          })}
        </span>
      )}
    </>
  );
}
