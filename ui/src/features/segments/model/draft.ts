/** What is still missing of a segment that is being written, and how it is sent. */
import { type JsonObject, waitingFor } from "@/features/rules";
import type { Kind, Rank } from "../types";

export interface SegmentDraft {
  name: string;
  nameEn: string;
  description: string;
  subject: string;
  purpose: string | null;
  kind: Kind;
  rule: JsonObject;
  rank: RankDraft;
  refreshEvery: string | null;
}

/** A ranking before its value is chosen. */
export interface RankDraft {
  value: JsonObject | null;
  direction: Rank["direction"];
  n: number;
  group: JsonObject | null;
}

/** What of a stored segment can be edited into a new version. */
export interface Edited {
  rule: JsonObject;
  rank: RankDraft;
}

export const NO_RANK: RankDraft = { value: null, direction: "desc", n: 100, group: null };

export type Missing = "name" | "rule" | "rankValue" | "rankGroup";

export function isRanked(kind: Kind): boolean {
  return kind === "ranked" || kind === "one_per_group";
}

/** What has to be filled in of the rule and its ranking. */
export function missingOf(kind: Kind, rule: JsonObject, rank: RankDraft): Missing[] {
  const found: Missing[] = [];
  if (waitingFor(rule) !== null) found.push("rule");
  if (isRanked(kind) && rank.value === null) found.push("rankValue");
  if (kind === "one_per_group" && rank.group === null) found.push("rankGroup");
  return found;
}

/** The ranking as it is sent; null for kinds that have none, or while its value is missing. */
export function rankBody(kind: Kind, rank: RankDraft): Rank | null {
  if (!isRanked(kind) || rank.value === null) return null;
  return {
    value: rank.value,
    direction: rank.direction,
    n: kind === "one_per_group" ? 1 : rank.n,
    group: rank.group,
  };
}

/** A stored ranking as the editor has it. */
export function rankDraft(
  rank: { value: unknown; direction: Rank["direction"]; n: number; group?: unknown } | null,
): RankDraft {
  if (!rank) return NO_RANK;
  return {
    value: rank.value as JsonObject,
    direction: rank.direction,
    n: rank.n,
    group: (rank.group ?? null) as JsonObject | null,
  };
}
