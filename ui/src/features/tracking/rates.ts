/** Shares of a funnel: each stage of the one before it and of the whole. */
import type { FunnelRow, Stage } from "../lists/types";

export const STAGES: readonly Stage[] = ["members", "attempted", "reached", "positive", "won"];

export interface StageShare {
  stage: Stage;
  people: number;
  /** Of the stage before; null for the first and after an empty one. */
  ofBefore: number | null;
  /** Of the first stage; null when that is empty. */
  ofAll: number | null;
}

export function shares(row: FunnelRow): StageShare[] {
  const first = row.members ?? row.attempted;
  return STAGES.filter((stage) => stage !== "members" || row.members !== null).map(
    (stage, index, all) => {
      const people = row[stage] ?? 0;
      const before = index === 0 ? null : (row[all[index - 1] as Stage] ?? 0);
      return {
        stage,
        people,
        ofBefore: before === null || before === 0 ? null : people / before,
        ofAll: first === 0 ? null : people / first,
      };
    },
  );
}

/** Where the funnel loses the largest share; null before anything has happened. */
export function weakest(row: FunnelRow): Stage | null {
  let found: { stage: Stage; share: number } | null = null;
  for (const one of shares(row)) {
    // A stage that nobody could reach yet says nothing.
    if (one.ofBefore === null || one.ofBefore === 1) continue;
    if (found === null || one.ofBefore < found.share)
      found = { stage: one.stage, share: one.ofBefore };
  }
  return row.attempted === 0 ? null : (found?.stage ?? null);
}
