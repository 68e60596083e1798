import { IconBan, IconCheck, IconClock, IconShieldQuestion } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./gate.module.css";
import type { Decision } from "./types";

const ICONS = {
  allow: IconCheck,
  defer: IconClock,
  needs_approval: IconShieldQuestion,
  deny: IconBan,
} as const;

/** An answer of the gate as a mark and a word; with `short`, the word is for those who listen. */
export function AnswerMark({
  decision,
  short,
}: {
  decision: Pick<Decision, "answer" | "until">;
  short?: boolean;
}) {
  const { t } = useTranslation("gate");
  const format = useFormat();
  const Icon = ICONS[decision.answer];
  const word =
    decision.answer === "defer" && decision.until
      ? t("answer.until", { until: format.dateTime(decision.until) })
      : t(`answer.${decision.answer}`);
  return (
    <span className={classes.answer} data-answer={decision.answer}>
      <Icon size={14} stroke={2} aria-hidden={!short} aria-label={short ? word : undefined} />
      {!short && word}
    </span>
  );
}
