import { queryOptions } from "@tanstack/react-query";
import { call, type Schemas } from "@/client/http";
import type { Paged } from "@/client/pages";

export type FieldInfo = Schemas["FieldOut"];

export type RelationInfo = Schemas["RelationOut"];

export type DatasetInfo = Schemas["CatalogDatasetOut"];

export type CatalogInfo = Schemas["CatalogOut"];

export type LoadInfo = Schemas["LoadOut"];

export type DatasetState = Schemas["DatasetStanding"];

/** A load that was begun here: all of its datasets, as far as they are. */
export type Running = Schemas["Running"];

export type DeadLetter = Schemas["DeadLetterOut"];

export const catalogQuery = queryOptions({
  queryKey: ["catalog"],
  queryFn: ({ signal }) => call<CatalogInfo>("GET", "/api/catalog", { signal }),
  staleTime: 300_000,
});

export const datasetsQuery = queryOptions({
  queryKey: ["data", "datasets"],
  queryFn: async ({ signal }) =>
    (await call<Paged<DatasetState>>("GET", "/api/data/datasets", { signal })).items,
});

/** Loads, newest first; asked again while one runs. */
export const loadsQuery = queryOptions({
  queryKey: ["data", "loads"],
  queryFn: async ({ signal }) =>
    (await call<Paged<LoadInfo>>("GET", "/api/data/loads", { query: { limit: 200 }, signal }))
      .items,
  refetchInterval: (query) => (query.state.data?.some(isOpen) ? 1_000 : false),
});

/** Whether a load runs, asked every second while it does. */
export const runningQuery = queryOptions({
  queryKey: ["data", "running"],
  queryFn: ({ signal }) => call<Running>("GET", "/api/data/loads/running", { signal }),
  refetchInterval: (query) => (query.state.data?.running ? 1_000 : false),
});

/** The names of a load's files. */
export function filesOf(load: LoadInfo): string {
  return (load.files ?? [])
    .map((file) => {
      if (typeof file === "string") return file;
      const found = file as { name?: unknown; file?: unknown; path?: unknown };
      return String(found.name ?? found.file ?? found.path ?? "");
    })
    .map((path) => path.split("/").at(-1))
    .filter(Boolean)
    .join(", ");
}

export function loadQuery(id: string) {
  return queryOptions({
    queryKey: ["data", "loads", id],
    queryFn: ({ signal }) => call<LoadInfo>("GET", `/api/data/loads/${id}`, { signal }),
    refetchInterval: (query) => (query.state.data && isOpen(query.state.data) ? 1_000 : false),
  });
}

export function isOpen(load: LoadInfo): boolean {
  return load.state === "loading";
}

/** Seconds a load took, or has taken so far. */
export function took(load: LoadInfo, now = Date.now()): number {
  const end = load.ended_at ? Date.parse(load.ended_at) : now;
  return Math.max(0, (end - Date.parse(load.started_at)) / 1000);
}
