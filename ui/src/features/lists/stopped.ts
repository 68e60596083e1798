/** How the ways of contacting a member are stopped. */
import type { Decision, Kind } from "./types";

export interface Group {
  decision: Decision;
  kinds: Kind[];
}

/** Ways that are stopped alike are told together. */
export function alike(stopped: readonly { kind: Kind; decision: Decision }[]): Group[] {
  const found = new Map<string, Group>();
  for (const { kind, decision } of stopped) {
    const key = `${decision.answer}:${decision.until}:${decision.sentence}`;
    const known = found.get(key);
    if (known) known.kinds.push(kind);
    else found.set(key, { decision, kinds: [kind] });
  }
  return [...found.values()];
}
