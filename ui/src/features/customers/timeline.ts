import type { Contact, TimelineEvent } from "./types";

export interface Entry {
  id: string;
  at: string;
  event?: TimelineEvent;
  contact?: Contact;
}

/** Events and contacts in one order, newest first; `show` keeps one dataset, or "contacts". */
export function merge(
  events: readonly TimelineEvent[],
  contacts: readonly Contact[],
  show?: string,
): Entry[] {
  const found: Entry[] = [];
  if (show !== "contacts") {
    events.forEach((event, index) => {
      if (event.ts && (!show || event.dataset === show)) {
        found.push({ id: `event-${index}`, at: event.ts, event });
      }
    });
  }
  if (!show || show === "contacts") {
    for (const contact of contacts) {
      if (!contact.undone_at) found.push({ id: contact.id, at: contact.at, contact });
    }
  }
  return found.sort((a, b) => instant(b.at) - instant(a.at));
}

/** A date without a time counts as the end of its day, so that it stands first in it. */
function instant(at: string): number {
  return Date.parse(at.length === 10 ? `${at}T23:59:59` : at);
}

/** Entries by local day, in the order given. */
export function byDay(entries: readonly Entry[], timeZone: string): [string, Entry[]][] {
  const format = new Intl.DateTimeFormat("sv-SE", { timeZone });
  const found = new Map<string, Entry[]>();
  for (const entry of entries) {
    const day = entry.at.length === 10 ? entry.at : format.format(new Date(entry.at));
    const here = found.get(day);
    if (here) here.push(entry);
    else found.set(day, [entry]);
  }
  return [...found];
}
