import {
  IconAlertTriangle,
  IconBan,
  IconCircle,
  IconCircleCheck,
  IconCircleDashed,
  IconCircleHalf2,
  IconInfoCircle,
} from "@tabler/icons-react";
import type { ReactNode } from "react";
import styles from "./StatusBadge.module.css";

/** What a state means to the reader; each has its own shape as well as its colour. */
export type Tone = "neutral" | "draft" | "working" | "good" | "warn" | "alarm";

const SHAPES = {
  neutral: IconCircle,
  draft: IconCircleDashed,
  working: IconCircleHalf2,
  good: IconCircleCheck,
  warn: IconAlertTriangle,
  alarm: IconBan,
} as const;

interface StatusBadgeProps {
  tone: Tone;
  children: ReactNode;
  title?: string;
  /** Icon and word without a ground, for dense tables. */
  plain?: boolean;
}

export function StatusBadge({ tone, children, title, plain }: StatusBadgeProps) {
  const Shape = SHAPES[tone];
  return (
    <span className={styles.badge} data-tone={tone} data-plain={plain || undefined} title={title}>
      <Shape size={14} stroke={1.8} aria-hidden="true" />
      <span>{children}</span>
    </span>
  );
}

interface AlarmProps {
  title: ReactNode;
  children?: ReactNode;
  action?: ReactNode;
}

/** The alarm of a page, in vermilion; the page's main action turns indigo beside it. */
export function Alarm({ title, children, action }: AlarmProps) {
  return (
    <div className={styles.alarm} data-alarm role="status">
      <IconBan size={18} stroke={1.8} aria-hidden="true" />
      <div className={styles.alarmWords}>
        <div className={styles.alarmTitle}>{title}</div>
        {children && <div className={styles.alarmText}>{children}</div>}
      </div>
      {action}
    </div>
  );
}

/** A quieter remark in place: something is missing, old or worth knowing. */
export function Remark({
  children,
  tone = "info",
}: {
  children: ReactNode;
  tone?: "info" | "warn";
}) {
  return (
    <div className={styles.remark} data-tone={tone}>
      {tone === "warn" ? (
        <IconAlertTriangle size={16} stroke={1.8} aria-hidden="true" />
      ) : (
        <IconInfoCircle size={16} stroke={1.8} aria-hidden="true" />
      )}
      <div>{children}</div>
    </div>
  );
}
