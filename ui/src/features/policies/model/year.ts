import type { CalendarInfo } from "../types";

export type Day = CalendarInfo["days"][number];

/** How a day looks: an open Saturday or Sunday stands out as much as a holiday does. */
export function kindOf(day: Day): "weekend" | "holiday" | "open" | undefined {
  const weekend = weekday(day.day) >= 5;
  if (day.open) return weekend ? "open" : undefined;
  return day.name ? "holiday" : "weekend";
}

/** 0 Monday … 6 Sunday. */
export function weekday(day: string): number {
  return (new Date(`${day}T00:00:00Z`).getUTCDay() + 6) % 7;
}

/** The days of a month in weeks from Monday; null where a week reaches into another month. */
export function weeks(days: readonly Day[]): (Day | null)[][] {
  const first = days[0];
  if (!first) return [];
  const cells: (Day | null)[] = [...Array<null>(weekday(first.day)).fill(null), ...days];
  while (cells.length % 7 !== 0) cells.push(null);
  return Array.from({ length: cells.length / 7 }, (_, at) => cells.slice(at * 7, at * 7 + 7));
}
