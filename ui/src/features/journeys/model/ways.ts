/** The ways that lead on from a step, under one name each: what edges of the canvas are. */
import { type Body, ENTRY, type Step } from "./graph";

/** `next`, `timeout`, `failed`, `control`, `passed`, `unset`, `arm:0`, `share:1`, `outcome:2`. */
export type WayId = string;
export type WayKind =
  | "next"
  | "else"
  | "timeout"
  | "failed"
  | "control"
  | "passed"
  | "unset"
  | "arm"
  | "share"
  | "outcome";

export interface Way {
  id: WayId;
  kind: WayKind;
  /** Null: the walk ends there. */
  to: string | null;
  /** Of an arm, a share or an outcome. */
  index: number;
}

const NAMED = {
  timeout: "timeout_next",
  failed: "failed_next",
  control: "control_next",
  passed: "passed_next",
  unset: "unset_next",
} as const;
const LISTS = { arm: "arms", share: "shares", outcome: "outcomes" } as const;

/** Ways that may be left out: unnamed, the walk goes on as `next` says, at once. */
const OPTIONAL: ReadonlySet<WayKind> = new Set(["failed", "passed", "unset"]);

/** Every way a step has, in the order they are drawn; `all`: those that follow `next` too. */
export function waysOf(step: Step, all = false): Way[] {
  const found: Way[] = [];
  const parts =
    step.kind === "branch"
      ? (["arm", step.arms] as const)
      : step.kind === "split"
        ? (["share", step.shares] as const)
        : step.kind === "task"
          ? (["outcome", step.outcomes] as const)
          : null;
  parts?.[1].forEach((one, index) => {
    found.push({ id: `${parts[0]}:${index}`, kind: parts[0], to: one.next, index });
  });
  if ("next" in step) {
    found.push({
      id: "next",
      kind: step.kind === "branch" ? "else" : "next",
      to: step.next,
      index: 0,
    });
  }
  for (const [kind, field] of Object.entries(NAMED) as [keyof typeof NAMED, string][]) {
    if (!(field in step)) continue;
    const to = (step as unknown as Record<string, string | null>)[field] ?? null;
    if (kind === "timeout" && step.kind === "task" && step.timeout === null) continue;
    if (to === null && OPTIONAL.has(kind) && !all) continue;
    found.push({ id: kind, kind, to, index: 0 });
  }
  return found;
}

/** A way as the server names it: `next`, `timeout_next`, `arms[0].next`. */
export function pathOfWay(way: WayId): string {
  const [name, index] = way.split(":") as [string, string | undefined];
  if (index !== undefined) return `${LISTS[name as keyof typeof LISTS]}[${index}].next`;
  return way === "next" ? "next" : NAMED[name as keyof typeof NAMED];
}

/** The step with one of its ways leading elsewhere. */
export function withWay(step: Step, way: WayId, to: string | null): Step {
  const [name, index] = way.split(":") as [string, string | undefined];
  if (index !== undefined) {
    const field = LISTS[name as keyof typeof LISTS];
    const list = (step as unknown as Record<string, { next: string | null }[]>)[field];
    if (!list) return step;
    return {
      ...step,
      [field]: list.map((one, at) => (at === Number(index) ? { ...one, next: to } : one)),
    } as Step;
  }
  const field = way === "next" ? "next" : NAMED[name as keyof typeof NAMED];
  return field in step ? ({ ...step, [field]: to } as Step) : step;
}

/** A way of the whole journey: from a step or from the entry. */
export interface Edge extends Way {
  /** `source.way`, unique. */
  key: string;
  from: string;
}

export function edgeKey(from: string, way: WayId): string {
  return `${from}.${way}`;
}

export function edgesOf(body: Body): Edge[] {
  const found: Edge[] = [
    {
      key: edgeKey(ENTRY, "next"),
      from: ENTRY,
      id: "next",
      kind: "next",
      to: body.start,
      index: 0,
    },
  ];
  for (const [from, step] of Object.entries(body.steps)) {
    for (const way of waysOf(step)) found.push({ ...way, key: edgeKey(from, way.id), from });
  }
  // What leads to a step that is gone leads nowhere.
  return found.map((edge) =>
    edge.to !== null && !(edge.to in body.steps) ? { ...edge, to: null } : edge,
  );
}
