import { useQueries } from "@tanstack/react-query";
import { useCallback, useMemo, useState } from "react";

export interface Paged<Row> {
  items: Row[];
  total: number;
}

/** Rows of which only those in sight are fetched. What `DataTable` shows. */
export interface RowSource<Row> {
  total: number;
  rowAt: (index: number) => Row | undefined;
  /** Told which rows are in sight (first and last index). */
  onRange?: (first: number, last: number) => void;
  loading: boolean;
  error: Error | null;
  retry: () => void;
}

export const PAGE_SIZE = 100;

/** The pages that cover rows first..last, at most `limit` of them. */
export function pagesOf(first: number, last: number, size = PAGE_SIZE, limit = 6): number[] {
  const from = Math.max(0, Math.floor(first / size));
  const to = Math.max(from, Math.floor(last / size));
  const found: number[] = [];
  for (let page = from; page <= to && found.length < limit; page += 1) found.push(page);
  return found;
}

/**
 * A server-side list of any length: pages are fetched as they come into sight.
 *
 * `key` must hold everything `fetch` depends on (filters, sort).
 */
export function usePages<Row>(
  key: readonly unknown[],
  fetch: (offset: number, limit: number, signal: AbortSignal) => Promise<Paged<Row>>,
): RowSource<Row> {
  const [range, setRange] = useState<readonly [number, number]>([0, 0]);
  const pages = useMemo(() => {
    const wanted = pagesOf(range[0], range[1]);
    return wanted.includes(0) ? wanted : [0, ...wanted];
  }, [range]);
  const results = useQueries({
    queries: pages.map((page) => ({
      queryKey: [...key, { page }],
      queryFn: ({ signal }: { signal: AbortSignal }) => fetch(page * PAGE_SIZE, PAGE_SIZE, signal),
    })),
  });
  const byPage = new Map(pages.map((page, index) => [page, results[index]?.data] as const));
  const onRange = useCallback((first: number, last: number) => {
    setRange((old) =>
      Math.floor(old[0] / PAGE_SIZE) === Math.floor(first / PAGE_SIZE) &&
      Math.floor(old[1] / PAGE_SIZE) === Math.floor(last / PAGE_SIZE)
        ? old
        : [first, last],
    );
  }, []);
  return {
    total: results[0]?.data?.total ?? 0,
    rowAt: (index) => byPage.get(Math.floor(index / PAGE_SIZE))?.items[index % PAGE_SIZE],
    onRange,
    loading: results[0]?.isPending ?? true,
    error: results.find((one) => one.error)?.error ?? null,
    retry: () => {
      for (const one of results) void one.refetch();
    },
  };
}

/** Rows that are all here already. */
export function rowsOf<Row>(rows: readonly Row[]): RowSource<Row> {
  return {
    total: rows.length,
    rowAt: (index) => rows[index],
    loading: false,
    error: null,
    retry: () => {},
  };
}
