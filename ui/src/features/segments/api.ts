/** What the pages of segments ask of the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, type Query } from "@/client/http";
import type { Paged } from "@/client/pages";
import type { JsonObject } from "@/features/rules";
import type {
  Compared,
  Composition,
  Difference,
  Member,
  MemberDetail,
  Overlap,
  Refresh,
  Segment,
  SegmentRow,
  Trend,
  Use,
  Version,
} from "./types";

export function fetchSegments(query: Query, signal?: AbortSignal) {
  return call<Paged<SegmentRow>>("GET", "/api/segments", { query, signal });
}

/** Every segment by name, for choosing among them. */
export const namesQuery = queryOptions({
  queryKey: ["segments", "names"],
  queryFn: ({ signal }) => fetchSegments({ limit: 500 }, signal),
  staleTime: 60_000,
});

const path = (slug: string) => `/api/segments/${slug}`;

export const segmentQuery = (slug: string) =>
  queryOptions({
    queryKey: ["segment", slug],
    queryFn: ({ signal }) => call<Segment>("GET", path(slug), { signal }),
    // While a refresh runs or waits the page follows it.
    refetchInterval: (found) => (found.state.data?.refresh ? 1_000 : 60_000),
  });

/** Everything below is asked again when the segment has a newer state: `as_of` is in the key. */
export const trendQuery = (segment: Segment, days: number) =>
  queryOptions({
    queryKey: ["segment", segment.slug, "trend", days, segment.as_of],
    queryFn: ({ signal }) =>
      call<Trend>("GET", `${path(segment.slug)}/trend`, { query: { days }, signal }),
    placeholderData: keepPreviousData,
  });

export function fetchMembers(slug: string, query: Query, signal?: AbortSignal) {
  return call<Paged<Member>>("GET", `${path(slug)}/members`, { query, signal });
}

export const memberQuery = (slug: string, id: string) =>
  queryOptions({
    queryKey: ["segment", slug, "member", id],
    queryFn: ({ signal }) =>
      call<MemberDetail>("GET", `${path(slug)}/members/${encodeURIComponent(id)}`, { signal }),
  });

export const overlapQuery = (slugs: readonly string[]) =>
  queryOptions({
    queryKey: ["segments", "overlap", slugs],
    queryFn: ({ signal }) =>
      call<Overlap>("POST", "/api/segments/overlap", { body: { slugs }, signal }),
    enabled: slugs.length > 1,
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });

export const compositionQuery = (segment: Segment, value: JsonObject) =>
  queryOptions({
    queryKey: ["segment", segment.slug, "composition", value, segment.as_of],
    queryFn: ({ signal }) =>
      call<Composition>("POST", `${path(segment.slug)}/composition`, { body: { value }, signal }),
    staleTime: 60_000,
    retry: false,
  });

export const versionsQuery = (segment: Segment) =>
  queryOptions({
    queryKey: ["segment", segment.slug, "versions", segment.version],
    queryFn: ({ signal }) => call<Version[]>("GET", `${path(segment.slug)}/versions`, { signal }),
  });

export const compareQuery = (slug: string, a: number, b: number) =>
  queryOptions({
    queryKey: ["segment", slug, "compare", a, b],
    queryFn: ({ signal }) =>
      call<Compared>("GET", `${path(slug)}/compare`, { query: { a, b }, signal }),
  });

export const refreshesQuery = (segment: Segment) =>
  queryOptions({
    queryKey: ["segment", segment.slug, "refreshes", segment.as_of, segment.refresh?.id],
    queryFn: ({ signal }) =>
      call<Refresh[]>("GET", `${path(segment.slug)}/refreshes`, {
        query: { limit: 50 },
        signal,
      }),
    placeholderData: keepPreviousData,
  });

export const usesQuery = (slug: string) =>
  queryOptions({
    queryKey: ["segment", slug, "uses"],
    queryFn: ({ signal }) => call<Use[]>("GET", `${path(slug)}/uses`, { signal }),
  });

export const differencesQuery = (slug: string, refresh: string) =>
  queryOptions({
    queryKey: ["segment", slug, "differences", refresh],
    queryFn: ({ signal }) =>
      call<Paged<Difference>>("GET", `${path(slug)}/differences`, {
        query: { refresh, limit: 200 },
        signal,
      }),
  });
