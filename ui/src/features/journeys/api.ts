/** What the pages of journeys ask of the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, type Query } from "@/client/http";
import type { Paged } from "@/client/pages";
import type {
  Choices,
  Diff,
  DryRun,
  DryRuns,
  Flow,
  Journey,
  Live,
  Mapping,
  MappingPreview,
  Row,
  Story,
  TestIn,
  TestOut,
  Walks,
  Wording,
} from "./types";

export const path = (slug: string) => `/api/journeys/${slug}`;

export function fetchJourneys(query: Query, signal?: AbortSignal) {
  return call<Paged<Row>>("GET", "/api/journeys", { query, signal });
}

export const flowsQuery = queryOptions({
  queryKey: ["journeys", "flows"],
  queryFn: ({ signal }) => call<Flow[]>("GET", "/api/journeys/flows", { signal }),
  staleTime: 60_000,
});

export const choicesQuery = queryOptions({
  queryKey: ["journeys", "choices"],
  queryFn: ({ signal }) => call<Choices>("GET", "/api/journeys/choices", { signal }),
  staleTime: 60_000,
});

export const journeyQuery = (slug: string) =>
  queryOptions({
    queryKey: ["journey", slug],
    queryFn: ({ signal }) => call<Journey>("GET", path(slug), { signal }),
    refetchInterval: 60_000,
  });

export const wordingQuery = (slug: string, number: number) =>
  queryOptions({
    queryKey: ["journey", slug, "wording", number],
    queryFn: ({ signal }) => call<Wording>("GET", `${path(slug)}/versions/${number}`, { signal }),
  });

export const diffQuery = (slug: string, a: number, b: number) =>
  queryOptions({
    queryKey: ["journey", slug, "diff", a, b],
    queryFn: ({ signal }) => call<Diff>("GET", `${path(slug)}/diff`, { query: { a, b }, signal }),
  });

export const mappingQuery = (slug: string, number: number, mapping: Mapping) =>
  queryOptions({
    queryKey: ["journey", slug, "mapping", number, mapping],
    queryFn: ({ signal }) =>
      call<MappingPreview>("POST", `${path(slug)}/go-live/preview`, { body: mapping, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });

/** How often the counts of a running journey are asked again. */
const LIVE_MS = 5_000;

export const liveQuery = (slug: string, number: number | undefined, days: number) =>
  queryOptions({
    queryKey: ["journey", slug, "live", number, days],
    queryFn: ({ signal }) =>
      call<Live>("GET", `${path(slug)}/live`, { query: { number, days }, signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LIVE_MS,
  });

export function fetchWalks(slug: string, query: Query, signal?: AbortSignal) {
  return call<Walks>("GET", `${path(slug)}/people`, { query, signal });
}

export const storyQuery = (slug: string, enrollment: number) =>
  queryOptions({
    queryKey: ["journey", slug, "story", enrollment],
    queryFn: ({ signal }) =>
      call<Story>("GET", `${path(slug)}/enrollments/${enrollment}`, { signal }),
  });

export const dryRunsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["journey", slug, "dry-runs"],
    queryFn: ({ signal }) => call<DryRuns>("GET", `${path(slug)}/dry-runs`, { signal }),
  });

export function isUnderWay(run: DryRun | undefined): boolean {
  return run?.state === "queued" || run?.state === "running";
}

export const dryRunQuery = (slug: string, id: string) =>
  queryOptions({
    queryKey: ["journey", slug, "dry-run", id],
    queryFn: ({ signal }) => call<DryRun>("GET", `${path(slug)}/dry-runs/${id}`, { signal }),
    refetchInterval: (found) => (isUnderWay(found.state.data) ? 500 : false),
  });

export const testQuery = (slug: string, body: TestIn) =>
  queryOptions({
    queryKey: ["journey", slug, "test", body],
    queryFn: ({ signal }) => call<TestOut>("POST", `${path(slug)}/test-walk`, { body, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
