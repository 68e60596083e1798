/** Asks for a preview as a rule is edited: unfinished rules wait, faults find their block. */
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo } from "react";
import { isApiError } from "@/client/errors";
import { type Preview, usePreview } from "./data";
import { fromRule, isUnfinished } from "./model/blocks";
import { countTests, walk } from "./model/edit";
import type { Fault, JsonObject } from "./model/json";

export interface LiveRule {
  preview: Preview | undefined;
  busy: boolean;
  /** What keeps the rule from being counted: no condition, or one without a value. */
  waiting: "empty" | "unfinished" | null;
  faults: readonly Fault[];
  /** An error that is not about the rule. */
  error: unknown;
  retry: () => void;
}

const NONE: readonly Fault[] = [];

/** Whether a rule has no condition, or one that still waits for its value. */
export function waitingFor(rule: JsonObject | null): "empty" | "unfinished" | null {
  const root = fromRule(rule ?? undefined);
  if (countTests(root) === 0) return "empty";
  for (const { block } of walk(root)) {
    if (isUnfinished(block)) return "unfinished";
    if (block.kind === "test" && block.on.kind !== "field") {
      const { measure } = block.on;
      if (measure.kind !== "count" && measure.field === "") return "unfinished";
    }
  }
  return null;
}

export function useLiveRule(
  rule: JsonObject | null,
  subject: string | null,
  purpose: string | null,
): LiveRule {
  const [settled] = useDebouncedValue(rule, 250);
  const waiting = useMemo(() => waitingFor(settled), [settled]);
  const query = usePreview(
    {
      version: 1,
      ...(subject ? { subject } : {}),
      ...(purpose ? { purpose } : {}),
      rule: settled ?? {},
    },
    waiting === null,
  );
  const found = isApiError(query.error) ? query.error.body.faults : NONE;
  const faults = waiting === null ? found : NONE;
  return {
    preview: waiting === null && !query.error ? query.data : undefined,
    busy: query.isFetching || settled !== rule,
    waiting,
    faults,
    error: faults.length > 0 || waiting !== null ? null : query.error,
    retry: () => void query.refetch(),
  };
}
