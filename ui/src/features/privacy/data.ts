import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call, type Schemas } from "@/client/http";
import { usePages } from "@/client/pages";
import type { Tone } from "@/design/StatusBadge";

export type RequestRow = Schemas["RequestRow"];
export type RequestDetail = Schemas["RequestDetail"];
export type Erasure = Schemas["ErasureOut"];
export type Requests = Schemas["RequestsOut"];
export type Retention = Schemas["RetentionOut"];
export type Kind = RequestRow["kind"];

export const KINDS = ["disclosure", "correction", "stop_use", "erasure"] as const;
export const VIAS = ["branch", "phone", "post", "web", "email"] as const;
export const CHECKS = ["document", "in_person", "call_back", "signed_in", "agent"] as const;
export const STATES = ["open", "late", "closed"] as const;
export const VIEWS = ["requests", "retention"] as const;
export type Showing = (typeof STATES)[number];
export type View = (typeof VIEWS)[number];

export const STATE_TONES: Record<RequestRow["state"], Tone> = {
  received: "draft",
  confirmed: "working",
  erasing: "working",
  answered: "good",
  refused: "neutral",
  withdrawn: "neutral",
};

/** Business days before it is due at which a request is shown as pressing. */
const SOON = 3;

/** How pressing an open request is: late, due soon, or neither. */
export function pressing(row: RequestRow): Tone | null {
  if (row.days_left === null || row.days_left === undefined) return null;
  if (row.days_left < 0) return "alarm";
  return row.days_left <= SOON ? "warn" : null;
}

export function useRequests(kind: Kind | undefined, state: Showing) {
  return usePages<RequestRow>(["privacy", "requests", kind, state], (offset, limit, signal) =>
    call<Requests>("GET", "/api/privacy/requests", {
      query: { kind, state, offset, limit },
      signal,
    }),
  );
}

export const countsQuery = queryOptions({
  queryKey: ["privacy", "counts"],
  queryFn: ({ signal }) =>
    call<Requests>("GET", "/api/privacy/requests", { query: { limit: 1 }, signal }),
});

const POLL_MS = 2_000;

export function requestQuery(id: string) {
  return queryOptions({
    queryKey: ["privacy", "request", id],
    queryFn: ({ signal }) => call<RequestDetail>("GET", `/api/privacy/requests/${id}`, { signal }),
    refetchInterval: (query) => {
      const state = query.state.data?.erasure?.state;
      return state === "queued" || state === "running" ? POLL_MS : false;
    },
  });
}

export const retentionQuery = queryOptions({
  queryKey: ["privacy", "retention"],
  queryFn: ({ signal }) => call<Retention>("GET", "/api/privacy/retention", { signal }),
});

export interface Found {
  id: string;
  key: string;
  display: string | null;
}

/** People by name, kana or number. */
export function usePeopleCalled(text: string) {
  return useQuery({
    queryKey: ["privacy", "people", text],
    queryFn: async ({ signal }) => {
      const found = await call<{ items: Found[] }>("GET", "/api/customers", {
        query: { q: text, limit: 8 },
        signal,
      });
      return found.items;
    },
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
}
