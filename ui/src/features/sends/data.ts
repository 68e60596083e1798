/** What the pages of sends and deliveries ask of the API. */
import { queryOptions, useInfiniteQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { call, type Query } from "@/client/http";
import { type Paged, type RowSource, usePages } from "@/client/pages";
import type {
  DeliveryDetail,
  DeliveryPage,
  DeliveryRow,
  Held,
  Preview,
  Queues,
  Report,
  SendDetail,
  SendRow,
  SendState,
} from "./types";

export const path = (slug: string) => `/api/sends/${encodeURIComponent(slug)}`;

/** While it moves the page follows it this often, in ms; else now and then. */
const LIVE = 2_000;
const CALM = 30_000;
const MOVING: ReadonlySet<SendState> = new Set(["preparing", "sending"]);

export function useSends(filter: { state?: string; archived?: boolean }) {
  return usePages<SendRow>(["sends", "rows", filter], (offset, limit, signal) =>
    call<Paged<SendRow>>("GET", "/api/sends", { query: { ...filter, offset, limit }, signal }),
  );
}

export const sendQuery = (slug: string) =>
  queryOptions({
    queryKey: ["sends", "one", slug],
    queryFn: ({ signal }) => call<SendDetail>("GET", path(slug), { signal }),
    refetchInterval: (query) => {
      const state = query.state.data?.state;
      return state !== undefined && MOVING.has(state) ? LIVE : CALM;
    },
  });

export const reportQuery = (send: SendDetail) =>
  queryOptions({
    queryKey: ["sends", "one", send.slug, "report"],
    queryFn: ({ signal }) => call<Report>("GET", `${path(send.slug)}/report`, { signal }),
    refetchInterval: MOVING.has(send.state) ? LIVE : CALM,
  });

/** What the last preview said, and of which wording of the send: kept while its token lasts. */
export interface Seen {
  body: string;
  preview: Preview;
}

export const previewQuery = (slug: string) =>
  queryOptions<Seen | null>({
    queryKey: ["sends", "one", slug, "preview"],
    // Only asking puts something here: a preview is counted when somebody wants it.
    queryFn: () => null,
    enabled: false,
    gcTime: 3_600_000,
    staleTime: Number.POSITIVE_INFINITY,
  });

export const deliveryQuery = (id: string) =>
  queryOptions({
    queryKey: ["deliveries", "one", id],
    queryFn: ({ signal }) =>
      call<DeliveryDetail>("GET", `/api/deliveries/${encodeURIComponent(id)}`, { signal }),
  });

export const queuesQuery = queryOptions({
  queryKey: ["deliveries", "queues"],
  queryFn: ({ signal }) => call<Queues>("GET", "/api/sending/queues", { signal }),
  refetchInterval: 10_000,
});

/** Whether sending is held since a restore; asked wherever somebody would wonder why nothing goes. */
export const heldQuery = queryOptions({
  queryKey: ["deliveries", "held"],
  queryFn: ({ signal }) => call<Held>("GET", "/api/sending/held", { signal }),
  staleTime: 30_000,
  refetchInterval: (query) => (query.state.data?.held ? 5_000 : 120_000),
});

const PAGE = 100;

/** Deliveries of any number, the newest first: the next page is asked for as its rows come near. */
export function useDeliveries(at: string, query: Query): RowSource<DeliveryRow> {
  const found = useInfiniteQuery({
    queryKey: ["deliveries", "rows", at, query],
    queryFn: ({ pageParam, signal }) =>
      call<DeliveryPage>("GET", at, { query: { ...query, after: pageParam, limit: PAGE }, signal }),
    initialPageParam: undefined as string | undefined,
    getNextPageParam: (page) => page.next ?? undefined,
  });
  const rows = useMemo(() => found.data?.pages.flatMap((page) => page.items) ?? [], [found.data]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage } = found;
  const onRange = useCallback(
    (_: number, last: number) => {
      if (hasNextPage && !isFetchingNextPage && last >= rows.length - 10) void fetchNextPage();
    },
    [hasNextPage, isFetchingNextPage, fetchNextPage, rows.length],
  );
  return {
    total: rows.length + (hasNextPage ? 1 : 0),
    rowAt: (index) => rows[index],
    onRange,
    loading: found.isPending,
    error: found.error,
    retry: () => void found.refetch(),
  };
}
