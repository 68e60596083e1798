import { IconArrowDown, IconArrowUp, IconMinus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import classes from "./lists.module.css";
import type { ListState, Meaning, Priority } from "./types";

const ICONS = { high: IconArrowUp, medium: IconMinus, low: IconArrowDown } as const;

/** Priority by shape as well as by weight: an arrow up, a dash, an arrow down. */
export function PriorityMark({ priority, score }: { priority: Priority; score?: number | null }) {
  const { t } = useTranslation("lists");
  const Icon = ICONS[priority];
  return (
    <span className={classes.priority} data-priority={priority}>
      <Icon size={14} stroke={2} aria-hidden />
      {t(`priority.${priority}`)}
      {score !== null && score !== undefined && (
        <span className={classes.score}>{Math.round(score)}</span>
      )}
    </span>
  );
}

export const MEANING_TONES: Record<Meaning, Tone> = {
  open: "neutral",
  working: "working",
  done: "good",
  dropped: "draft",
};

const LIST_TONES: Record<ListState, Tone> = {
  building: "working",
  open: "good",
  closed: "neutral",
  failed: "alarm",
};

export function ListStateBadge({ state }: { state: ListState }) {
  const { t } = useTranslation("lists");
  return (
    <StatusBadge plain tone={LIST_TONES[state]}>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}

/** How far a list is: done, working and what is left, in one bar. */
export function ProgressBar(props: {
  total: number;
  done: number;
  working: number;
  dropped: number;
}) {
  const { t } = useTranslation("lists");
  const { total, done, working, dropped } = props;
  const share = (part: number) => (total > 0 ? (part / total) * 100 : 0);
  const finished = share(done + dropped);
  return (
    <span
      className={classes.bar}
      role="img"
      aria-label={t("progress.label", { percent: Math.round(finished) })}
      title={t("progress.label", { percent: Math.round(finished) })}
    >
      <span className={classes.barDone} style={{ width: `${share(done)}%` }} />
      <span className={classes.barDropped} style={{ width: `${share(dropped)}%` }} />
      <span className={classes.barWorking} style={{ width: `${share(working)}%` }} />
    </span>
  );
}
