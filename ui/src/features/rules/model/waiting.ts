/** What keeps a rule from being asked about. */
import { isUnfinished } from "./blocks";
import { countTests, walk } from "./edit";
import type { JsonObject } from "./json";
import { fromRule } from "./read";

/** Whether a rule has no condition, or one that still waits for its value. */
export function waitingFor(rule: JsonObject | null): "empty" | "unfinished" | null {
  const root = fromRule(rule ?? undefined);
  if (countTests(root) === 0) return "empty";
  for (const { block } of walk(root)) if (isUnfinished(block)) return "unfinished";
  return null;
}
