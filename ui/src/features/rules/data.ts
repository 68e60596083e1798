/** What the builder asks of the server: the catalog, values of fields, checks and previews. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Bilingual, Catalog, CatalogDataset, CatalogField, FieldType } from "./model/catalog";
import type { Envelope, Fault, Json, JsonObject } from "./model/json";
import type { RuleSet } from "./model/sets";

interface CatalogFieldJson {
  name: string;
  labels: Bilingual;
  type: FieldType;
  scale: number;
  meaning: string | null;
  pii: "none" | "low" | "high";
  purposes: string[] | null;
  consent_purposes: string[];
  aliases: string[];
}

interface CatalogDatasetJson {
  name: string;
  labels: Bilingual;
  kind: CatalogDataset["kind"];
  subject: string | null;
  time: { field: string; kind: string } | null;
  event: { name: string | null; name_field: string | null; of: Record<string, string> } | null;
  fields: CatalogFieldJson[];
  relations: { name: string; labels: Bilingual; target: string; many: boolean }[];
}

interface CatalogJson {
  datasets: CatalogDatasetJson[];
  purposes: { name: string; labels: Bilingual }[];
}

function labelled<T extends { name: string; labels: Bilingual }>({ labels, ...rest }: T) {
  return { ...rest, label: labels };
}

function datasetOf(json: CatalogDatasetJson): CatalogDataset {
  return {
    name: json.name,
    label: json.labels,
    kind: json.kind,
    subject: json.subject,
    timeField: json.time?.field ?? null,
    fields: json.fields.map(
      ({ consent_purposes, ...field }): CatalogField => ({
        ...labelled(field),
        consentPurposes: consent_purposes,
      }),
    ),
    relations: json.relations.map(labelled),
    event: json.event && {
      name: json.event.name,
      nameField: json.event.name_field,
      of: Object.keys(json.event.of),
    },
  };
}

/** The catalog of the API as the builder's model, both languages kept. */
export function readCatalog(json: CatalogJson): Catalog {
  return {
    datasets: new Map(json.datasets.map((one) => [one.name, datasetOf(one)])),
    purposes: json.purposes.map(labelled),
  };
}

export const catalogQuery = queryOptions({
  queryKey: ["catalog", "builder"],
  queryFn: async () => readCatalog(await call<CatalogJson>("GET", "/api/catalog")),
  staleTime: 5 * 60_000,
});

export interface FieldValue {
  value: string | number | boolean;
  count: number | null;
}

/** The most frequent values of a field that begin with `prefix`. */
export function useValues(dataset: string, field: string, prefix: string, enabled: boolean) {
  return useQuery({
    queryKey: ["values", dataset, field, prefix],
    queryFn: async ({ signal }) => {
      const found = await call<{ items: FieldValue[] }>("GET", "/api/data/values", {
        query: { dataset, field, prefix, limit: 50 },
        signal,
      });
      return found.items;
    },
    enabled: enabled && field !== "",
    staleTime: 60_000,
    placeholderData: keepPreviousData,
    retry: false,
  });
}

interface SetJson {
  slug: string;
  labels: Bilingual;
  subject: string;
  statuses?: { name: string; labels: Bilingual; means: string }[];
}

/** The segments and lists that a rule may name. */
export const setsQuery = queryOptions({
  queryKey: ["rule-sets"],
  queryFn: async ({ signal }): Promise<RuleSet[]> => {
    const found = await call<{ segments: SetJson[]; lists: SetJson[] }>("GET", "/api/rules/sets", {
      signal,
    });
    const read = (kind: RuleSet["kind"]) => (json: SetJson) => ({
      kind,
      slug: json.slug,
      label: json.labels,
      subject: json.subject,
      statuses: (json.statuses ?? []).map(labelled),
    });
    return [...found.segments.map(read("segment")), ...found.lists.map(read("list"))];
  },
  staleTime: 60_000,
  retry: false,
});

export interface Checked {
  ok: boolean;
  faults: Fault[];
  warnings: Fault[];
  sentence: string | null;
  /** The purpose narrows the rule to those who consent to it. */
  consent: boolean;
}

export interface Counted {
  count: number;
  as_of: string;
  ms: number;
  as_known_today: string[];
}

export interface FunnelStep {
  path: string;
  sentence: string;
  alone: number;
  cumulative: number;
  mode: "all" | "any" | "at_least" | "steps" | "one";
  opens: boolean;
}

/** A person as lists of people name her; the name is masked where it is not to be seen. */
export interface NamedPerson {
  id: string;
  key: string;
  display: string | null;
}

/** An answer of the server about one rule: asked once for each, and kept for half a minute. */
function useAsked<T>(
  what: "check" | "count" | "sample",
  envelope: Envelope,
  enabled: boolean,
  more: Record<string, unknown> = {},
) {
  return useQuery({
    queryKey: ["rule", what, envelope, more],
    queryFn: ({ signal }) =>
      call<T>("POST", `/api/rules/${what}`, { body: { rule: envelope, ...more }, signal }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

export const useCheck = (envelope: Envelope, enabled: boolean, userValues: boolean) =>
  useAsked<Checked>("check", envelope, enabled, { user_values: userValues });

export const useCount = (envelope: Envelope, enabled: boolean) =>
  useAsked<Counted>("count", envelope, enabled);

/** A funnel, with the rule that its paths lead into. */
export interface Funnelled {
  envelope: Envelope;
  steps: FunnelStep[];
}

/** `path`: the group or sequence to take apart; null: the whole rule. */
export function useFunnel(envelope: Envelope, enabled: boolean, path: string | null = null) {
  return useQuery({
    queryKey: ["rule", "funnel", envelope, path],
    queryFn: async ({ signal }): Promise<Funnelled> => {
      const body = { rule: envelope, ...(path === null ? {} : { path }) };
      const found = await call<Funnelled>("POST", "/api/rules/funnel", { body, signal });
      return { envelope, steps: found.steps };
    },
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}

export const useSample = (envelope: Envelope, enabled: boolean) =>
  useAsked<{ people: NamedPerson[] }>("sample", envelope, enabled, { sample: 8 });

export interface Explained {
  path: string;
  kind: string;
  truth: boolean;
  sentence: string;
  valid_until: string | null;
  found?: Json;
  operands?: Json[];
  evidence?: {
    count: number;
    rows: { dataset: string; key: Json[]; time: string | null }[];
  };
  children?: Explained[];
}

export interface Why {
  id: string;
  truth: boolean;
  existed: boolean;
  as_of: string;
  sentence: string;
  as_known_today: string[];
  explanation: { valid_until: string | null; node: Explained | null } | null;
}

export function useWhy(envelope: Envelope, person: string) {
  return useQuery({
    queryKey: ["rule", "why", envelope, person],
    queryFn: ({ signal }) =>
      call<Why>("POST", "/api/rules/why", { body: { rule: envelope, person }, signal }),
    placeholderData: keepPreviousData,
    retry: false,
  });
}

/** People by name, kana or number, for asking why one of them is in or not. */
export function usePeople(text: string, subject: string | null) {
  return useQuery({
    queryKey: ["rule", "people", text, subject],
    queryFn: async ({ signal }) => {
      const found = await call<{ items: NamedPerson[] }>("GET", "/api/customers", {
        query: { q: text, subject, limit: 8 },
        signal,
      });
      return found.items;
    },
    enabled: text.trim() !== "",
    placeholderData: keepPreviousData,
    retry: false,
  });
}

export interface ComparedSide {
  sentence: string;
  parts: { path: string; sentence: string }[];
}

export interface Compared {
  a: ComparedSide;
  b: ComparedSide;
  common: string[];
  only_a: number;
  both: number;
  only_b: number;
  people_only_a: NamedPerson[];
  people_only_b: NamedPerson[];
}

export function useCompared(
  a: JsonObject,
  b: JsonObject,
  subject: string | null,
  purpose: string | null,
) {
  return useQuery({
    queryKey: ["rule", "compare", a, b, subject, purpose],
    queryFn: ({ signal }) =>
      call<Compared>("POST", "/api/rules/compare", { body: { a, b, subject, purpose }, signal }),
    retry: false,
  });
}
