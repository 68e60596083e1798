/** A journey as indented text: what the canvas says, for those who read rather than look. */
import type { Body } from "./graph";
import { type Way, waysOf } from "./ways";

export type OutlineLine =
  /** A step; `number` counts steps in the order they are read. */
  | { kind: "step"; depth: number; id: string; number: number }
  /** A way of the step above, with what follows on it one deeper. */
  | { kind: "way"; depth: number; from: string; way: Way }
  /** The walk goes on with a step that stands elsewhere. */
  | { kind: "again"; depth: number; id: string }
  /** The walk ends here. */
  | { kind: "end"; depth: number; from: string; way: Way["id"] }
  /** Steps from here on are led to by nothing. */
  | { kind: "loose"; depth: number };

const NOWHERE = "";

export function outline(body: Body): OutlineLine[] {
  const lines: OutlineLine[] = [];
  const merges = mergesOf(body);
  const shown = new Set<string>();

  const read = (start: string | null, until: string, depth: number, from: string, way: string) => {
    let here = start;
    let last = { from, way };
    for (;;) {
      if (here === null || !(here in body.steps)) {
        lines.push({ kind: "end", depth, ...last });
        return;
      }
      if (here === until) return;
      if (shown.has(here)) {
        lines.push({ kind: "again", depth, id: here });
        return;
      }
      shown.add(here);
      lines.push({ kind: "step", depth, id: here, number: shown.size });
      const step = body.steps[here];
      const ways: Way[] = step ? waysOf(step) : [];
      const [only] = ways;
      if (only === undefined) return;
      if (ways.length === 1) {
        last = { from: here, way: only.id };
        here = only.to;
        continue;
      }
      const merge = merges.get(here) ?? NOWHERE;
      for (const one of ways) {
        lines.push({ kind: "way", depth: depth + 1, from: here, way: one });
        read(one.to, merge === NOWHERE ? until : merge, depth + 2, here, one.id);
      }
      if (merge === NOWHERE) return;
      last = { from: here, way: "next" };
      here = merge;
    }
  };

  read(body.start, NOWHERE, 0, "_entry", "next");
  const loose = Object.keys(body.steps).filter((id) => !shown.has(id));
  if (loose.length > 0) {
    lines.push({ kind: "loose", depth: 0 });
    const led = new Set(
      loose.flatMap((id) => waysOf(body.steps[id] as Body["steps"][string]).map((way) => way.to)),
    );
    for (const id of [...loose.filter((one) => !led.has(one)), ...loose]) {
      if (!shown.has(id)) read(id, NOWHERE, 0, "_entry", "next");
    }
  }
  return lines;
}

/** Every step that a walk can come to from here without passing `past`. */
function reachOf(body: Body, start: string | null, past: string): Set<string> {
  const found = new Set<string>();
  const queue = start === null ? [] : [start];
  for (const id of queue) {
    const step = body.steps[id];
    if (!step || id === past || found.has(id)) continue;
    found.add(id);
    for (const way of waysOf(step)) if (way.to !== null) queue.push(way.to);
  }
  return found;
}

/** Steps in an order in which each comes after what leads to it, loops aside. */
function inOrder(body: Body): string[] {
  const order: string[] = [];
  const seen = new Set<string>();
  const visit = (id: string | null) => {
    const step = id === null ? undefined : body.steps[id];
    if (id === null || !step || seen.has(id)) return;
    seen.add(id);
    for (const way of [...waysOf(step)].reverse()) visit(way.to);
    order.push(id);
  };
  visit(body.start);
  for (const id of Object.keys(body.steps)) visit(id);
  return order.reverse();
}

/**
 * Where the ways of a step meet again: the first step that most of them come to, at least two. Ways
 * that end by themselves are no hindrance.
 */
export function mergesOf(body: Body): Map<string, string> {
  const merges = new Map<string, string>();
  const order = inOrder(body);
  for (const [id, step] of Object.entries(body.steps)) {
    const ways = waysOf(step);
    if (ways.length < 2) continue;
    const reach = ways.map((way) => reachOf(body, way.to, id));
    let most = 1;
    for (const candidate of order) {
      const count = reach.filter((one) => one.has(candidate)).length;
      if (count <= most) continue;
      most = count;
      merges.set(id, candidate);
    }
  }
  return merges;
}
