/** The part of a trend that says something. */
import type { Trend } from "../types";

/**
 * A trend from the day on which the segment began: it has no size before it was made, and that is
 * not the same as a size of nought. `born` is that day in the workspace's zone ("2026-11-21").
 */
export function sinceBirth(trend: Trend, born: string): Trend {
  const lived = (day: string, used: boolean) => used || day >= born;
  const first = trend.sizes.findIndex((one, index) => {
    const flow = trend.flows[index];
    const moved = flow !== undefined && flow.entered + flow.left > 0;
    return lived(one.day, one.size > 0 || moved);
  });
  if (first < 0) return { sizes: [], flows: [] };
  return { sizes: trend.sizes.slice(first), flows: trend.flows.slice(first) };
}

/** The day of an instant in a zone: "2026-11-21". */
export function dayOf(instant: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-CA", { timeZone }).format(new Date(instant));
}

/** Sizes from the first that is more than nought: those before it say nothing in a small picture. */
export function lived(sizes: readonly number[]): readonly number[] {
  const first = sizes.findIndex((size) => size > 0);
  return first < 0 ? [] : sizes.slice(first);
}
