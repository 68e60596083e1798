/** What the pages of templates and images ask of the API. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type {
  Asset,
  Diff,
  Preview,
  Starter,
  Template,
  TemplateRow,
  VersionBrief,
  Words,
} from "./types";

export interface TemplateFilter {
  channel?: string;
  q?: string;
  archived?: boolean;
}

export function useTemplates(filter: TemplateFilter) {
  return usePages<TemplateRow>(["templates", "rows", filter], (offset, limit, signal) =>
    call<Paged<TemplateRow>>("GET", "/api/templates", {
      query: { ...filter, offset, limit },
      signal,
    }),
  );
}

export const templateQuery = (slug: string) =>
  queryOptions({
    queryKey: ["templates", "one", slug],
    queryFn: ({ signal }) => call<Template>("GET", `/api/templates/${slug}`, { signal }),
  });

export const versionsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["templates", "one", slug, "versions"],
    queryFn: async ({ signal }) =>
      (await call<Paged<VersionBrief>>("GET", `/api/templates/${slug}/versions`, { signal })).items,
  });

export const diffQuery = (slug: string, before: string, after: string) =>
  queryOptions({
    queryKey: ["templates", "one", slug, "diff", before, after],
    queryFn: ({ signal }) =>
      call<Diff>("GET", `/api/templates/${slug}/diff`, { query: { before, after }, signal }),
    staleTime: 60_000,
  });

export const startersQuery = queryOptions({
  queryKey: ["templates", "starters"],
  queryFn: async ({ signal }) =>
    (await call<{ items: Starter[] }>("GET", "/api/templates/starters", { signal })).items,
  staleTime: 5 * 60_000,
});

/** `written`: the question as JSON, so that the same text is asked once. */
export function usePreview(written: string) {
  return useQuery({
    queryKey: ["templates", "preview", written],
    queryFn: ({ signal }) =>
      call<Preview>("POST", "/api/templates/preview", { body: JSON.parse(written), signal }),
    placeholderData: keepPreviousData,
    staleTime: 60_000,
    retry: false,
  });
}

export const ASSETS_KEY = ["assets"] as const;

export function useAssets(q: string, archived: boolean) {
  return useQuery({
    queryKey: [...ASSETS_KEY, q, archived],
    queryFn: ({ signal }) =>
      call<Paged<Asset>>("GET", "/api/assets", {
        query: { q, archived: archived || undefined, limit: 200 },
        signal,
      }),
    placeholderData: keepPreviousData,
  });
}

export interface FoundPerson {
  id: string;
  key: string;
  display: string | null;
}

/** People by name, kana or number, to look at a message as they would. */
export function useFoundPeople(text: string) {
  return useQuery({
    queryKey: ["templates", "people", text],
    queryFn: async ({ signal }) => {
      const found = await call<{ items: FoundPerson[] }>("GET", "/api/customers", {
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

/** What may be written in a template besides its fields. */
export const wordsQuery = queryOptions({
  queryKey: ["templates", "words"],
  queryFn: ({ signal }) => call<Words>("GET", "/api/templates/words", { signal }),
  staleTime: 5 * 60_000,
});
