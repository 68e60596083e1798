/** What the pages of lists ask of the server. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call, type Query } from "@/client/http";
import type { Paged } from "@/client/pages";
import type {
  Build,
  Change,
  Definition,
  ListDetail,
  ListDraft,
  ListPreview,
  ListSummary,
  Member,
  MemberDetail,
  PersonRef,
} from "./types";

export const listsQuery = (query: Query) =>
  queryOptions({
    queryKey: ["lists", query],
    queryFn: ({ signal }) => call<Paged<ListSummary>>("GET", "/api/lists", { query, signal }),
    // A list that is being built shows its progress.
    refetchInterval: (found) =>
      found.state.data?.items.some((list) => isBuilding(list.build)) ? 1_500 : false,
  });

export function isBuilding(build: Build | null | undefined): boolean {
  return build !== null && build !== undefined && UNFINISHED.has(build.state);
}

const UNFINISHED = new Set<Build["state"]>(["queued", "gathering", "writing", "folding"]);

export const listQuery = (id: string) =>
  queryOptions({
    queryKey: ["list", id],
    queryFn: ({ signal }) => call<ListDetail>("GET", `/api/lists/${id}`, { signal }),
    refetchInterval: (found) => (isBuilding(found.state.data?.build) ? 1_000 : false),
  });

export const memberQuery = (list: string, member: number) =>
  queryOptions({
    queryKey: ["member", list, member],
    queryFn: ({ signal }) =>
      call<MemberDetail>("GET", `/api/lists/${list}/members/${member}`, { signal }),
    staleTime: 5_000,
  });

export function fetchMembers(list: string, query: Query, signal?: AbortSignal) {
  return call<Paged<Member>>("GET", `/api/lists/${list}/members`, { query, signal });
}

export const definitionsQuery = (query: Query = {}) =>
  queryOptions({
    queryKey: ["definitions", query],
    queryFn: ({ signal }) => call<Paged<Definition>>("GET", "/api/definitions", { query, signal }),
    refetchInterval: (found) =>
      found.state.data?.items.some((one) => isPreparing(one)) ? 1_500 : false,
  });

export function isPreparing(definition: Definition): boolean {
  return definition.dataset.state === "queued" || definition.dataset.state === "building";
}

export const changesQuery = (list: string, build: string, kind: Change["kind"]) =>
  queryOptions({
    queryKey: ["changes", list, build, kind],
    queryFn: ({ signal }) =>
      call<Paged<Change>>("GET", `/api/lists/${list}/changes`, {
        query: { build, kind, limit: 200 },
        signal,
      }),
  });

export function useListPreview(draft: ListDraft, enabled: boolean) {
  return useQuery({
    queryKey: ["list-preview", draft],
    queryFn: ({ signal }) =>
      call<ListPreview>("POST", "/api/lists/preview", { body: draft, signal }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

/** The people who can be given members, with what they already carry. */
export const workersQuery = queryOptions({
  queryKey: ["workers"],
  queryFn: async ({ signal }) => {
    const found = await call<Paged<PersonRef & { role: string; branch: string | null }>>(
      "GET",
      "/api/workers",
      {
        signal,
      },
    );
    return found.items;
  },
  staleTime: 5 * 60_000,
});
