/**
 * Asks about a rule as it is edited: what is wrong with it, how many it selects, then how its
 * conditions narrow them and who some of them are. Unfinished rules wait. An answer to a rule that
 * has changed since is never shown as that of the new one.
 */
import { useDebouncedValue } from "@mantine/hooks";
import { useMemo, useRef } from "react";
import {
  type Checked,
  type Counted,
  type Funnelled,
  type NamedPerson,
  useCheck,
  useCount,
  useFunnel,
  useSample,
} from "./data";
import type { Envelope, Fault, JsonObject } from "./model/json";
import { waitingFor } from "./model/waiting";

export interface LiveRule {
  /** What is asked about: the rule as it was when typing last paused. */
  envelope: Envelope;
  checked: Checked | undefined;
  counted: Counted | undefined;
  funnel: Funnelled | undefined;
  sample: readonly NamedPerson[] | undefined;
  /** The count shown is that of an earlier rule. */
  busy: boolean;
  /** The same of the funnel and of the people. */
  funnelBusy: boolean;
  sampleBusy: boolean;
  /** What keeps the rule from being counted: no condition, or one without a value. */
  waiting: "empty" | "unfinished" | null;
  faults: readonly Fault[];
  /** An error that is not about the rule. */
  error: unknown;
  retry: () => void;
}

const NONE: readonly Fault[] = [];
/** Short enough to feel immediate, long enough for the next key. */
const PAUSE = 180;

export function useLiveRule(
  rule: JsonObject | null,
  subject: string | null,
  purpose: string | null,
  userValues = false,
): LiveRule {
  const [settled] = useDebouncedValue(rule, PAUSE);
  const waiting = useMemo(() => waitingFor(settled), [settled]);
  const present = useMemo<Envelope>(
    () => ({
      version: 1,
      ...(subject ? { subject } : {}),
      ...(purpose ? { purpose } : {}),
      rule: settled ?? {},
    }),
    [settled, subject, purpose],
  );
  // While a new condition still lacks its value, the answer to the rule before it stays in sight.
  const before = useRef<Envelope | null>(null);
  const ready = waiting === null;
  if (ready) before.current = present;
  const kept = waiting === "unfinished" ? before.current : null;
  const envelope = kept ?? present;
  const asked = ready || kept !== null;
  const check = useCheck(envelope, asked, userValues);
  // What is known to be faulty is not counted; a check takes a few milliseconds.
  const sound = asked && check.data?.ok === true && !check.isPlaceholderData;
  const count = useCount(envelope, sound);
  const counted = sound && count.data !== undefined && !count.isPlaceholderData && !count.error;
  const funnel = useFunnel(envelope, counted);
  const sample = useSample(envelope, counted);
  const faults = ready && check.data && !check.isPlaceholderData ? check.data.faults : NONE;
  const late = settled !== rule || kept !== null;
  return {
    envelope,
    checked: asked ? check.data : undefined,
    counted: asked && !count.error ? count.data : undefined,
    funnel: asked && !count.error ? funnel.data : undefined,
    sample: asked && !count.error ? sample.data?.people : undefined,
    busy: asked && (late || check.isFetching || count.isFetching),
    funnelBusy: late || !counted || funnel.isPlaceholderData,
    sampleBusy: late || !counted || sample.isPlaceholderData,
    waiting,
    faults,
    error: faults.length > 0 || !ready ? null : (check.error ?? count.error),
    retry: () => {
      void check.refetch();
      void count.refetch();
    },
  };
}
