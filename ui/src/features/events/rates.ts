import type { Arrival, Arrivals } from "./data";

export const MINUTE_MS = 60_000;

export interface SourceRate {
  id: string;
  name: string;
  /** Events of the last minute. */
  count: number;
}

export interface Seen {
  /** When they came, in ms since 1970. */
  at: number;
  counts: Arrivals["counts"];
}

/** What the first look shows, each event at its own time; what is older does not count. */
export function firstSeen(items: readonly Pick<Arrival, "at" | "source">[], now: number): Seen[] {
  return recent(
    items.map((one) => ({ at: Date.parse(one.at), counts: [{ source: one.source, count: 1 }] })),
    now,
  );
}

export function recent(seen: readonly Seen[], now: number): Seen[] {
  return seen.filter((one) => now - one.at < MINUTE_MS);
}

/** How many came of each source, the busiest first. */
export function sums(seen: readonly Seen[]): SourceRate[] {
  const found = new Map<string, SourceRate>();
  for (const { counts } of seen) {
    for (const { source, count } of counts) {
      const one = found.get(source.id) ?? { ...source, count: 0 };
      found.set(source.id, { ...one, count: one.count + count });
    }
  }
  return [...found.values()].sort((a, b) => b.count - a.count);
}
