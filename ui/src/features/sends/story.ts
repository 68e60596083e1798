/** A delivery's story, in the order in which it happened. */
import type { DeliveryDetail } from "./types";

export type What =
  | "asked"
  | "waits"
  | "attempted"
  | "queued"
  | "attempting"
  | "sent"
  | "failed"
  | "suppressed"
  | "unknown"
  | "delivered"
  | "opened"
  | "machine_opened"
  | "clicked"
  | "machine_clicked"
  | "bounced"
  | "complained"
  | "replied"
  | "unsubscribed"
  | "other";

export interface Event {
  what: What;
  at: string | null;
  tone: "plain" | "good" | "bad" | "quiet";
  notes: string[];
}

const CAME = [
  "delivered",
  "opened",
  "clicked",
  "bounced",
  "complained",
  "replied",
  "unsubscribed",
] as const;
const BAD: ReadonlySet<string> = new Set(["bounced", "complained", "unsubscribed"]);

export function storyOf(delivery: DeliveryDetail): Event[] {
  const found: Event[] = [
    { what: "asked", at: delivery.created_at, tone: "plain", notes: [] },
    ...before(delivery),
    ...end(delivery),
    ...came(delivery),
  ];
  // Stable: what happened in the same instant stays in the order in which it is told.
  return found.sort((a, b) => instant(a) - instant(b));
}

function instant(event: Event): number {
  return event.at === null ? Number.POSITIVE_INFINITY : Date.parse(event.at);
}

function before(delivery: DeliveryDetail): Event[] {
  const tried = delivery.attempted_at;
  return tried && delivery.state !== "suppressed"
    ? [{ what: "attempted", at: tried, tone: "plain", notes: [] }]
    : [];
}

/** How it ended, or what it waits for, with every reason that was given. */
function end(delivery: DeliveryDetail): Event[] {
  const { state, reason } = delivery;
  const said = delivery.reasons.map((one) => one.sentence);
  const notes = [...new Set([...(reason ? [reason.sentence] : []), ...said])];
  if (state === "queued") {
    return [{ what: "waits", at: delivery.due_at, tone: "quiet", notes }];
  }
  if (state === "attempting") return [];
  const tone = state === "sent" ? "good" : state === "suppressed" ? "quiet" : "bad";
  return [{ what: state, at: delivery.finished_at, tone, notes }];
}

/** What came back: each response, and what is only known by its instant. */
function came(delivery: DeliveryDetail): Event[] {
  const found: Event[] = delivery.responses.map((one) => ({
    what: nameOf(one.kind, one.machine),
    at: one.at,
    tone: one.machine ? "quiet" : BAD.has(one.kind) ? "bad" : "good",
    notes: [one.detail.url, one.detail.diagnostic, one.detail.code].filter(
      (note): note is string => typeof note === "string" && note !== "",
    ),
  }));
  for (const name of CAME) {
    const at = delivery[`${name}_at`];
    if (at && !found.some((one) => one.what === name)) {
      found.push({ what: name, at, tone: BAD.has(name) ? "bad" : "good", notes: [] });
    }
  }
  return found;
}

function nameOf(kind: string, machine: boolean): What {
  if (machine && kind === "opened") return "machine_opened";
  if (machine && kind === "clicked") return "machine_clicked";
  return CAME.find((one) => one === kind) ?? "other";
}
