/** Pictures of rates: a bar to the rate, and a line over the interval it may lie in. */
import type { ReactNode } from "react";
import { useFormat } from "@/design/useFormat";
import styles from "./proof.module.css";

interface BarProps {
  label: ReactNode;
  /** The bar's end, and the ends of its interval, as parts of the whole width. */
  at: number;
  low?: number | null;
  high?: number | null;
  tone?: "plain" | "quiet";
  children: ReactNode;
}

export function Bar({ label, at, low, high, tone = "plain", children }: BarProps) {
  return (
    <div className={styles.bar}>
      <span className={styles.barLabel}>{label}</span>
      <span className={styles.track} aria-hidden>
        <span className={styles.fill} data-tone={tone} style={{ width: within(at) }} />
        {low != null && high != null && (
          <span
            className={styles.whisker}
            style={{ left: within(low), width: within(Math.max(0, high - low)) }}
          />
        )}
      </span>
      <span className={styles.barValue}>{children}</span>
    </div>
  );
}

function within(part: number): string {
  return `${Math.min(1, Math.max(0, part)) * 100}%`;
}

/** A difference on a line on which 0 is marked. */
export function DifferenceLine(props: { value: number; low: number; high: number }) {
  const { value, low, high } = props;
  const end = Math.max(Math.abs(low), Math.abs(high)) * 1.15 || 1;
  const place = (one: number) => within((one + end) / (2 * end));
  return (
    <span className={styles.axis} aria-hidden>
      <span className={styles.zero} />
      <span
        className={styles.span}
        style={{ left: place(low), width: within((high - low) / (2 * end)) }}
      />
      <span className={styles.dot} style={{ left: place(value) }} />
    </span>
  );
}

/** "10.9–25.6%": the ends of an interval. */
export function useInterval() {
  const format = useFormat();
  return (low: number | null, high: number | null) =>
    low === null || high === null
      ? ""
      : `${format.number(low * 100, 1)}–${format.number(high * 100, 1)}%`;
}
