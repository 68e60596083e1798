/** New parts of a journey: what a step, a signal or an entry looks like before anything is said. */
import type { Body, Card, Entry, Signal, Step, StepKind } from "./graph";

export const emptyCard = (): Card => ({ who: "", what: "", why: "", when: "", where: "", how: "" });
export const emptyRule = () => ({ all: [] });

export function freshStep(kind: StepKind): Step {
  const named = { name: "", next: null };
  switch (kind) {
    case "wait":
      return { ...named, kind, duration: "3d" };
    case "wait_until":
      return {
        ...named,
        kind,
        since: "09:00:00",
        until: "18:00:00",
        weekdays: [],
        business: true,
      };
    case "wait_event":
      return {
        ...named,
        kind,
        signal: { kind: "event", event: [], where: null, same_key: "" },
        timeout: "7d",
        timeout_next: null,
      };
    case "wait_date":
      return {
        ...named,
        kind,
        field: "",
        offset: "0d",
        at: "09:00:00",
        passed_next: null,
        unset_next: null,
      };
    case "branch":
      return { ...named, kind, arms: [freshArm()] };
    case "split":
      return {
        name: "",
        kind,
        shares: [freshShare("A", 50), freshShare("B", 50)],
        salt: "",
      };
    case "holdout":
      return { ...named, kind, percent: 10, salt: "", control_next: null };
    case "message":
    case "webhook":
      return { ...named, kind, template: "", sender: "", card: emptyCard(), failed_next: null };
    case "task":
      return {
        ...named,
        kind,
        list: "",
        contact: "phone",
        text: "",
        card: emptyCard(),
        outcomes: [],
        timeout: "14d",
        timeout_next: null,
      };
    case "update":
      return { ...named, kind, event: "", values: {} };
    case "score":
      return { ...named, kind, score: "", points: 1 };
    case "join":
    case "goal":
      return { ...named, kind };
    case "exit":
      return { name: "", kind, reason: { ja: "", en: "" } };
  }
}

export function freshArm() {
  return { label: { ja: "", en: "" }, rule: emptyRule(), next: null };
}

export function freshShare(letter: string, percent: number) {
  return { label: { ja: letter, en: letter }, percent, next: null };
}

export function freshSignal<K extends Signal["kind"]>(kind: K): Extract<Signal, { kind: K }> {
  const made: Record<Signal["kind"], Signal> = {
    event: { kind: "event", event: [], where: null, same_key: "" },
    segment: { kind: "segment", segment: "", crossing: "entered" },
    rule: { kind: "rule", rule: emptyRule() },
    list_status: { kind: "list_status", list: "", status: [] },
  };
  return made[kind] as Extract<Signal, { kind: K }>;
}

export function freshEntry(kind: Entry["kind"]): Entry {
  switch (kind) {
    case "segment":
      return { ...freshSignal("segment"), present: false };
    case "event":
      return { ...freshSignal("event"), key: "" };
    case "list_status":
      return freshSignal("list_status");
    case "date":
      return {
        kind,
        field: "",
        related: "",
        where: null,
        offset: "-30d",
        at: "09:00:00",
        yearly: false,
      };
    case "schedule":
      return { kind, every: "month", at: "09:00:00", weekdays: [], day: 1, on: "" };
    case "api":
      return { kind };
  }
}

/** A body with nothing in it yet. */
export function emptyBody(purpose = ""): Body {
  return {
    purpose,
    product: "",
    entries: [],
    audience: null,
    reentry: { kind: "never", after: null },
    start: null,
    steps: {},
    exits: [],
    goal: { signals: [] },
    holds: {},
    conversions: [],
    cost: {},
    sheet: { audience: "", aim: "", loyalty: [], content: "", timing: "", channel: "" },
    layout: {},
  };
}

type Loose = Record<string, unknown>;

/** What the server sent, with every part that may be left out put in. */
export function readBody(json: unknown): Body {
  const found = (json ?? {}) as Loose;
  const steps: Record<string, Step> = {};
  for (const [id, one] of Object.entries((found.steps ?? {}) as Record<string, Loose>)) {
    const fresh = freshStep(one.kind as StepKind) as unknown as Loose;
    steps[id] = readStep({ ...fresh, ...absentNext(fresh), ...one });
  }
  const empty = emptyBody();
  const entries = ((found.entries ?? []) as Loose[]).map(
    (one) => ({ ...bareEntry(one.kind as Entry["kind"]), ...named(one) }) as Entry,
  );
  const signals = (list: unknown) =>
    ((list ?? []) as Loose[]).map(
      (one) => ({ ...freshSignal(one.kind as Signal["kind"]), ...named(one) }) as Signal,
    );
  return {
    ...empty,
    ...(found as Partial<Body>),
    reentry: { ...empty.reentry, ...(found.reentry as Loose) },
    sheet: { ...empty.sheet, ...(found.sheet as Loose) },
    goal: { signals: signals((found.goal as Loose | undefined)?.signals) },
    conversions: ((found.conversions ?? []) as Loose[]).map(
      (one) =>
        ({
          name: { ja: "", en: "" },
          event: [],
          where: null,
          window: "14d",
          value: "",
          ...named(one),
        }) as Body["conversions"][number],
    ),
    entries,
    exits: signals(found.exits),
    steps,
  };
}

/** A flow leaves a blank where the name of an event is to be chosen. */
function named(one: Loose): Loose {
  if (!Array.isArray(one.event)) return one;
  return { ...one, event: one.event.filter((name) => name !== "") };
}

/** A fresh part suggests values; one that was stored without them has the server's defaults. */
function absentNext(fresh: Loose): Loose {
  return fresh.kind === "task" ? { timeout: null } : {};
}

function bareEntry(kind: Entry["kind"]): Entry {
  const fresh = freshEntry(kind);
  if (fresh.kind === "date") return { ...fresh, offset: "0d" };
  if (fresh.kind === "schedule") return { ...fresh, day: null };
  return fresh;
}

function readStep(step: Loose): Step {
  if ("card" in step) step.card = { ...emptyCard(), ...(step.card as Loose) };
  if (step.kind === "branch") {
    step.arms = (step.arms as Loose[]).map((arm) => ({ ...freshArm(), ...arm }));
  }
  if (step.kind === "split") {
    step.shares = (step.shares as Loose[]).map((share) => ({
      label: { ja: "", en: "" },
      next: null,
      ...share,
    }));
  }
  if (step.kind === "task") {
    step.outcomes = (step.outcomes as Loose[]).map((one) => ({ next: null, ...one }));
  }
  if (step.kind === "wait_event") {
    const signal = step.signal as Loose;
    step.signal = { ...freshSignal(signal.kind as Signal["kind"]), ...named(signal) };
  }
  return step as unknown as Step;
}
