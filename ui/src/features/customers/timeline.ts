import type { Entry } from "./types";

/** A line of the timeline: a year, a day, or what happened. */
export type Line =
  | { kind: "year"; id: string; year: number }
  | { kind: "day"; id: string; day: string }
  | { kind: "entry"; id: string; entry: Entry; last: boolean };

/** The local day of an entry; a day without a time is its own. */
export function dayOf(at: string, format: Intl.DateTimeFormat): string {
  return at.length === 10 ? at : format.format(new Date(at));
}

/** Entries as lines, in the order given: a heading where a year or a day begins. */
export function linesOf(entries: readonly Entry[], timeZone: string): Line[] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone });
  const found: Line[] = [];
  let year = 0;
  let day = "";
  entries.forEach((entry, index) => {
    const here = dayOf(entry.at, format);
    const ofYear = Number(here.slice(0, 4));
    if (ofYear !== year) {
      found.push({ kind: "year", id: `year-${ofYear}`, year: ofYear });
      year = ofYear;
    }
    if (here !== day) {
      found.push({ kind: "day", id: `day-${here}`, day: here });
      day = here;
    }
    const next = entries[index + 1];
    const last = !next || dayOf(next.at, format) !== here;
    found.push({ kind: "entry", id: entry.place, entry, last });
  });
  return found;
}
