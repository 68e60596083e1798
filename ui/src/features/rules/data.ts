/** What the builder asks of the server: the catalog, values of fields, checks and previews. */
import { keepPreviousData, queryOptions, useQuery } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Bilingual, Catalog, CatalogDataset, CatalogField, FieldType } from "./model/catalog";
import type { Envelope, Fault } from "./model/json";

interface CatalogFieldJson {
  name: string;
  label: Bilingual;
  type: FieldType;
  scale?: number | null;
  meaning?: string | null;
  pii?: "none" | "low" | "high" | null;
  purposes?: string[] | null;
  consent_purposes?: string[] | null;
  aliases?: string[] | null;
}

interface CatalogDatasetJson {
  name: string;
  label: Bilingual;
  kind: CatalogDataset["kind"];
  subject?: string | null;
  time?: { field: string; kind: string } | null;
  event?: { name?: string | null; name_field?: string | null; of?: Record<string, string> } | null;
  fields: CatalogFieldJson[];
  relations?: { name: string; label: Bilingual; target: string; many: boolean }[];
}

interface CatalogJson {
  datasets: CatalogDatasetJson[];
  relations?: { name: string; source: string; label: Bilingual; target: string; many: boolean }[];
  purposes?: { name: string; label: Bilingual }[];
}

function fieldOf(json: CatalogFieldJson): CatalogField {
  return {
    name: json.name,
    label: json.label,
    type: json.type,
    scale: json.scale ?? 0,
    meaning: json.meaning ?? null,
    pii: json.pii ?? "none",
    purposes: json.purposes ?? null,
    consentPurposes: json.consent_purposes ?? [],
    aliases: json.aliases ?? [],
  };
}

/** The catalog of the API as the builder's model; relations may stand beside their datasets. */
export function readCatalog(json: CatalogJson): Catalog {
  const datasets = new Map<string, CatalogDataset>();
  for (const one of json.datasets) {
    const beside = (json.relations ?? []).filter((relation) => relation.source === one.name);
    datasets.set(one.name, {
      name: one.name,
      label: one.label,
      kind: one.kind,
      subject: one.subject ?? null,
      timeField: one.time?.field ?? null,
      fields: one.fields.map(fieldOf),
      relations: one.relations ?? beside,
      event: one.event
        ? {
            name: one.event.name ?? null,
            nameField: one.event.name_field ?? null,
            of: Object.keys(one.event.of ?? {}),
          }
        : null,
    });
  }
  return { datasets, purposes: json.purposes ?? [] };
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
