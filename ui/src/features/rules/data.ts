/** What the builder asks of the server: the catalog, values of fields, checks and previews. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Bilingual, Catalog, CatalogDataset, CatalogField, FieldType } from "./model/catalog";
import type { Envelope, Fault } from "./model/json";

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

export interface FunnelStep {
  path: string;
  sentence: string;
  alone: number;
  cumulative: number;
}

export interface SamplePerson {
  id: string;
  display: string;
  key?: string;
}

export interface Preview {
  count: number;
  sentence: string;
  funnel: FunnelStep[];
  sample: SamplePerson[];
  ms: number;
  as_of?: string;
  as_known_today: string[];
  warnings: Fault[];
}

export function usePreview(envelope: Envelope, enabled: boolean) {
  return useQuery({
    queryKey: ["rule-preview", envelope],
    queryFn: ({ signal }) =>
      call<Preview>("POST", "/api/rules/preview", { body: { rule: envelope }, signal }),
    enabled,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
}
