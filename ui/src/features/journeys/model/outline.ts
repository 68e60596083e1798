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

/**
 * Where all ways of a step meet again: its nearest step that every walk through it passes
 * (immediate post-dominator, by iteration to the fixed point; journeys have at most 200 steps).
 */
export function mergesOf(body: Body): Map<string, string> {
  const ids = Object.keys(body.steps);
  const next = new Map(
    ids.map((id) => {
      const step = body.steps[id];
      const to = step ? waysOf(step).map((way) => way.to) : [];
      const known = to.map((one) => (one !== null && one in body.steps ? one : NOWHERE));
      return [id, known.length > 0 ? [...new Set(known)] : [NOWHERE]] as const;
    }),
  );
  const all = new Set([...ids, NOWHERE]);
  const passed = new Map<string, Set<string>>(ids.map((id) => [id, new Set(all)]));
  passed.set(NOWHERE, new Set([NOWHERE]));
  for (let changed = true; changed; ) {
    changed = false;
    for (const id of [...ids].reverse()) {
      const [first = NOWHERE, ...others] = next.get(id) ?? [];
      const found = new Set(passed.get(first));
      for (const other of others) {
        for (const one of found) if (!passed.get(other)?.has(one)) found.delete(one);
      }
      found.add(id);
      if (found.size !== passed.get(id)?.size) {
        passed.set(id, found);
        changed = true;
      }
    }
  }
  const merges = new Map<string, string>();
  for (const id of ids) {
    const beyond = [...(passed.get(id) ?? [])].filter((one) => one !== id && one !== NOWHERE);
    // The nearest is passed by all others' walks last: its own set is the largest.
    let nearest = NOWHERE;
    for (const one of beyond) {
      const size = passed.get(one)?.size ?? 0;
      if (nearest === NOWHERE || size > (passed.get(nearest)?.size ?? 0)) nearest = one;
    }
    // In a loop that never ends every step passes every other; nothing merges there.
    if (nearest !== NOWHERE && !passed.get(nearest)?.has(id)) merges.set(id, nearest);
  }
  return merges;
}
