/** From the JSON path of a fault to the block a person sees. */
import { type Fault, parsePath, pathKey } from "./json";

/** The id of the innermost block whose path begins the fault's path; null when none does. */
export function blockOfPath(
  path: Fault["path"] | readonly (string | number)[],
  blocks: ReadonlyMap<string, string>,
): string | null {
  const steps = parsePath(path);
  // A checker may count from the envelope or from the rule itself.
  const other = steps[0] === "rule" ? steps.slice(1) : ["rule", ...steps];
  for (const [attempt, least] of [
    [steps, 1],
    [other, steps[0] === "rule" ? 1 : 2],
  ] as const) {
    for (let length = attempt.length; length >= least; length -= 1) {
      const id = blocks.get(pathKey(attempt.slice(0, length)));
      if (id !== undefined) return id;
    }
  }
  return null;
}

/** Faults by block; those that belong to none are under the empty key. */
export function faultsByBlock(
  faults: readonly Fault[],
  blocks: ReadonlyMap<string, string>,
): Map<string, Fault[]> {
  const by = new Map<string, Fault[]>();
  for (const fault of faults) {
    const id = blockOfPath(fault.path, blocks) ?? "";
    by.set(id, [...(by.get(id) ?? []), fault]);
  }
  return by;
}
