/** Edits of a journey: each takes a body and gives the next one. Nothing is ever changed in place. */
import { freshStep } from "./fresh";
import { type Body, ENTRY, type Point, type Step, type StepKind } from "./graph";
import { edgesOf, type WayId, waysOf, withWay } from "./ways";

/** Where something is put in: on a way of a step, or of the entry. */
export interface Spot {
  from: string;
  way: WayId;
}

/** The first free id of a kind: `message`, `message_2`, … */
export function freeId(steps: Body["steps"], kind: StepKind): string {
  if (!(kind in steps)) return kind;
  let number = 2;
  while (`${kind}_${number}` in steps) number += 1;
  return `${kind}_${number}`;
}

export function targetOf(body: Body, { from, way }: Spot): string | null {
  if (from === ENTRY) return body.start;
  const step = body.steps[from];
  return step ? (waysOf(step, true).find((one) => one.id === way)?.to ?? null) : null;
}

/** A way led elsewhere. */
export function connect(body: Body, { from, way }: Spot, to: string | null): Body {
  if (from === ENTRY) return { ...body, start: to };
  const step = body.steps[from];
  if (!step) return body;
  return { ...body, steps: { ...body.steps, [from]: withWay(step, way, to) } };
}

/** The first way of a fresh step: the one that carries on what it was put into. */
function mainWay(step: Step): WayId | null {
  const ways = waysOf(step);
  return (ways.find((way) => way.id === "next") ?? ways[0])?.id ?? null;
}

export interface Inserted {
  body: Body;
  id: string;
}

/** A new step on a way: what came after it comes after the step now. */
export function insert(body: Body, spot: Spot, kind: StepKind, made = freshStep(kind)): Inserted {
  const id = freeId(body.steps, kind);
  const after = targetOf(body, spot);
  const main = mainWay(made);
  const step = main === null ? made : withWay(made, main, after);
  const added = { ...body, steps: { ...body.steps, [id]: step } };
  return { body: connect(added, spot, id), id };
}

/** A new step that nothing leads to yet, where it was dropped. */
export function insertLoose(body: Body, kind: StepKind, at: Point): Inserted {
  const id = freeId(body.steps, kind);
  return {
    body: {
      ...body,
      steps: { ...body.steps, [id]: freshStep(kind) },
      layout: { ...body.layout, [id]: at },
    },
    id,
  };
}

/** After a step on its first open way, else on its first; on the entry when the step is none. */
export function spotAfter(body: Body, id: string | null): Spot | null {
  if (id === null || id === ENTRY) {
    return Object.keys(body.steps).length === 0 || id === ENTRY
      ? { from: ENTRY, way: "next" }
      : null;
  }
  const step = body.steps[id];
  if (!step) return null;
  const ways = waysOf(step);
  const way = ways.find((one) => one.to === null) ?? ways.find((one) => one.id === "next");
  const found = way ?? ways[0];
  return found ? { from: id, way: found.id } : null;
}

/** The first way, from the entry on, that leads nowhere yet. */
export function firstOpen(body: Body): Spot {
  const edges = new Map<string, ReturnType<typeof edgesOf>>();
  for (const edge of edgesOf(body)) edges.set(edge.from, [...(edges.get(edge.from) ?? []), edge]);
  const seen = new Set<string>([ENTRY]);
  const queue = [ENTRY];
  for (const here of queue) {
    for (const edge of edges.get(here) ?? []) {
      if (edge.to === null) return { from: edge.from, way: edge.id };
      if (seen.has(edge.to)) continue;
      seen.add(edge.to);
      queue.push(edge.to);
    }
  }
  return { from: ENTRY, way: "next" };
}

/** Without a step: what led to it leads to what came after it. */
export function remove(body: Body, id: string): Body {
  const gone = body.steps[id];
  if (!gone) return body;
  const main = mainWay(gone);
  const after = main === null ? null : (waysOf(gone).find((way) => way.id === main)?.to ?? null);
  const heir = after === id ? null : after;
  const steps: Record<string, Step> = {};
  for (const [name, step] of Object.entries(body.steps)) {
    if (name === id) continue;
    let kept = step;
    for (const way of waysOf(step, true)) {
      if (way.to !== id) continue;
      // A wait that would lead back to itself ends instead.
      kept = withWay(kept, way.id, heir === name ? null : heir);
    }
    steps[name] = kept;
  }
  const { [id]: _, ...layout } = body.layout;
  return { ...body, steps, layout, start: body.start === id ? heir : body.start };
}

/** A step again, leading nowhere, beside the first. */
export function duplicate(body: Body, id: string): Inserted | null {
  const step = body.steps[id];
  if (!step) return null;
  let copy = step;
  for (const way of waysOf(step, true)) copy = withWay(copy, way.id, null);
  const made = freeId(body.steps, step.kind);
  const at = body.layout[id];
  return {
    body: {
      ...body,
      steps: { ...body.steps, [made]: copy },
      layout: at ? { ...body.layout, [made]: { x: at.x + 40, y: at.y + 96 } } : body.layout,
    },
    id: made,
  };
}

export function change(body: Body, id: string, step: Step): Body {
  return id in body.steps ? { ...body, steps: { ...body.steps, [id]: step } } : body;
}

export function moveTo(body: Body, id: string, at: Point): Body {
  return {
    ...body,
    layout: { ...body.layout, [id]: { x: Math.round(at.x), y: Math.round(at.y) } },
  };
}

/** Every step where the layout puts it. */
export function arrange(body: Body): Body {
  return Object.keys(body.layout).length === 0 ? body : { ...body, layout: {} };
}
