import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";

export interface FieldInfo {
  name: string;
  label: string;
  type: string;
  scale?: number;
  meaning: string | null;
  pii: "none" | "low" | "high";
  purposes: string[] | null;
  consent_purposes?: string[];
  derived?: boolean;
}

export interface RelationInfo {
  name: string;
  source: string;
  target: string;
  many: boolean;
  label: string;
  columns?: [string, string][];
  via?: unknown[];
  inverse?: string | null;
}

export interface DatasetInfo {
  name: string;
  label: string;
  kind: "event" | "versioned" | "current";
  subject: string | null;
  key: string[];
  fields: FieldInfo[];
  relations?: RelationInfo[];
}

export interface PurposeInfo {
  name: string;
  label: string;
}

export interface CatalogInfo {
  datasets: DatasetInfo[];
  purposes: PurposeInfo[];
}

export type LoadState = "loading" | "loaded" | "failed" | "interrupted";

export interface LoadInfo {
  id: string;
  dataset: string;
  files: unknown[];
  state: LoadState;
  started_at: string;
  ended_at: string | null;
  read: number;
  loaded: number;
  dead: number;
  added: number;
  changed: number;
  unchanged: number;
  removed: number;
  bytes: number | null;
  message: string | null;
  remedy: string | null;
}

export interface DatasetState {
  name: string;
  rows: number | null;
  dead: number;
  fresh: boolean | null;
  loaded_at: string | null;
  /** What of the catalog no longer fits the stored rows. */
  stale: string[];
}

/** A load that was begun here: all of its datasets, as far as they are. */
export interface Running {
  running: boolean;
  progress: { dataset: string; rows: number; dead: number; part: number; stage: string }[];
}

export interface DeadLetter {
  file: string;
  line: number | null;
  field: string | null;
  code: string;
  reason: string;
  raw: string | null;
  at: string;
}

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
  return load.files
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
