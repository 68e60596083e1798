/** How the ways of contacting a member are stopped. */
import type { Decision, Kind } from "./types";

export interface Group {
  decision: Decision;
  kinds: Kind[];
}

type Reason = Decision["reasons"][number];

/** The reasons that stop every way, and those that stop some ways beside them. */
export function shared(groups: readonly Group[]): { common: Reason[]; rest: Group[] } {
  const [first, ...others] = groups;
  if (!first) return { common: [], rest: [] };
  const same = (a: Reason) => (b: Reason) =>
    a.code === b.code && a.restriction_id === b.restriction_id && a.sentence === b.sentence;
  const common = first.decision.reasons.filter((reason) =>
    others.every((group) => group.decision.reasons.some(same(reason))),
  );
  const rest = groups.map(({ decision, kinds }) => ({
    kinds,
    decision: {
      ...decision,
      reasons: decision.reasons.filter((reason) => !common.some(same(reason))),
    },
  }));
  return { common, rest: rest.filter((group) => group.decision.reasons.length > 0) };
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
