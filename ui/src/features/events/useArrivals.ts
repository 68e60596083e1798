import { useCallback, useEffect, useRef, useState } from "react";
import { call } from "@/client/http";
import type { Arrival, Arrivals } from "./data";
import { firstSeen, recent, type Seen, type SourceRate, sums } from "./rates";

const EVERY_MS = 1_000;
const KEPT = 500;

export interface Watching {
  items: readonly Arrival[];
  rates: readonly SourceRate[];
  /** Bytes that wait for the drain; null before the first answer. */
  backlog: number | null;
  hidden: boolean;
  skipped: boolean;
  error: unknown;
  retry: () => void;
}

/** What is coming in, asked for once a second while the page is in view and not paused. */
export function useArrivals(paused: boolean): Watching {
  const [items, setItems] = useState<readonly Arrival[]>([]);
  const [last, setLast] = useState<Arrivals | null>(null);
  const [rates, setRates] = useState<readonly SourceRate[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [tries, setTries] = useState(0);
  const after = useRef("");
  const seen = useRef<Seen[]>([]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: `tries` starts the asking anew
  useEffect(() => {
    if (paused) return;
    const ended = new AbortController();
    let timer = 0;
    const ask = async () => {
      if (document.visibilityState === "visible") {
        try {
          const found = await call<Arrivals>("GET", "/api/events/arrivals", {
            query: { after: after.current },
            signal: ended.signal,
          });
          const first = after.current === "";
          after.current = found.after;
          setLast(found);
          setError(null);
          if (found.items.length > 0) setItems((old) => [...found.items, ...old].slice(0, KEPT));
          const now = Date.now();
          const fresh = first ? firstSeen(found.items, now) : [{ at: now, counts: found.counts }];
          seen.current = recent([...seen.current, ...fresh], now);
          setRates(sums(seen.current));
        } catch (problem) {
          if (ended.signal.aborted) return;
          setError(problem);
        }
      }
      if (!ended.signal.aborted) timer = window.setTimeout(ask, EVERY_MS);
    };
    void ask();
    return () => {
      ended.abort();
      clearTimeout(timer);
    };
  }, [paused, tries]);
  const retry = useCallback(() => setTries((old) => old + 1), []);
  return {
    items,
    rates,
    backlog: last?.backlog ?? null,
    hidden: last?.hidden ?? false,
    skipped: last?.skipped ?? false,
    error,
    retry,
  };
}
