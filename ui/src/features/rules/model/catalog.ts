/** What the catalog says, as the builder needs it: datasets, fields, relations and their paths. */

export type Locale = "ja" | "en";
export interface Bilingual {
  ja: string;
  en: string;
}

export type FieldType =
  | "string"
  | "integer"
  | "decimal"
  | "float"
  | "boolean"
  | "date"
  | "timestamp"
  | "strings";

export interface CatalogField {
  name: string;
  label: Bilingual;
  type: FieldType;
  scale: number;
  meaning: string | null;
  pii: "none" | "low" | "high";
  /** The purposes the field may serve; null: any. */
  purposes: readonly string[] | null;
  consentPurposes: readonly string[];
  aliases: readonly string[];
}

export interface CatalogRelation {
  name: string;
  label: Bilingual;
  target: string;
  many: boolean;
}

export interface CatalogDataset {
  name: string;
  label: Bilingual;
  kind: "event" | "versioned" | "current";
  subject: string | null;
  timeField: string | null;
  fields: readonly CatalogField[];
  relations: readonly CatalogRelation[];
  event: { name: string | null; nameField: string | null; of: readonly string[] } | null;
}

export interface Catalog {
  datasets: ReadonlyMap<string, CatalogDataset>;
  purposes: readonly { name: string; label: Bilingual }[];
}

/** Where a rule starts: the rows its paths begin at, and what is allowed there. */
export interface Scope {
  dataset: string;
  /** The subject dataset; event values are of it and only allowed at the top. */
  subject: string;
  top: boolean;
  /** True for the rows of an event: `ts` and `event` are fields too. */
  ofEvent: boolean;
}

export function subjectDataset(catalog: Catalog, subject: string | null): CatalogDataset | null {
  const all = [...catalog.datasets.values()].filter((d) => d.subject !== null);
  if (!subject) return all.find((d) => d.subject === "person") ?? all[0] ?? null;
  return all.find((d) => d.subject === subject || d.name === subject) ?? null;
}

export const PARTS = [
  "year",
  "month",
  "day",
  "week",
  "weekday",
  "hour",
  "date",
  "age",
  "since",
] as const;
export type Part = (typeof PARTS)[number];

export interface FoundField {
  path: string;
  type: FieldType;
  scale: number;
  meaning: string | null;
  /** Labels on the way, then the field's own, then the part's name (translated by the caller). */
  trail: readonly Bilingual[];
  part: Part | null;
  /** The dataset and field that hold the values, for pickers. */
  dataset: string;
  field: string;
  pii: "none" | "low" | "high";
  purposes: readonly string[] | null;
  consentPurposes: readonly string[];
  aliases: readonly string[];
}

const PART_TYPES: Record<Part, FieldType> = {
  year: "integer",
  month: "integer",
  day: "integer",
  week: "integer",
  weekday: "string",
  hour: "integer",
  date: "date",
  age: "integer",
  since: "timestamp",
};

/** The parts that a field of this type may end in. */
export function partsOf(type: FieldType, versioned: boolean): Part[] {
  const parts: Part[] = [];
  if (type === "date") parts.push("age", "year", "month", "day", "week", "weekday");
  if (type === "timestamp") {
    parts.push("date", "age", "year", "month", "day", "week", "weekday", "hour");
  }
  if (versioned) parts.push("since");
  return parts;
}

const EVENT_FIELDS: readonly CatalogField[] = [
  {
    name: "ts",
    label: { ja: "発生日時", en: "Time" },
    type: "timestamp",
    scale: 0,
    meaning: null,
    pii: "none",
    purposes: null,
    consentPurposes: [],
    aliases: ["日時", "とき", "when"],
  },
  {
    name: "event",
    label: { ja: "イベント名", en: "Event name" },
    type: "string",
    scale: 0,
    meaning: null,
    pii: "none",
    purposes: null,
    consentPurposes: [],
    aliases: ["名前", "name"],
  },
];

function fieldsOf(
  _catalog: Catalog,
  dataset: CatalogDataset,
  ofEvent: boolean,
): readonly CatalogField[] {
  return ofEvent ? [...EVENT_FIELDS, ...dataset.fields] : dataset.fields;
}

/** Looks a path up; null when a name on it is unknown. */
export function resolve(catalog: Catalog, scope: Scope, path: string): FoundField | null {
  const steps = path.split(".");
  let here = catalog.datasets.get(scope.dataset);
  let ofEvent = scope.ofEvent;
  const trail: Bilingual[] = [];
  while (here) {
    const name = steps.shift();
    if (name === undefined) return null;
    const field = fieldsOf(catalog, here, ofEvent).find((f) => f.name === name);
    if (field) {
      const rest = steps.length;
      const part = rest === 1 ? PARTS.find((p) => p === steps[0]) : undefined;
      if (rest > 0 && part === undefined) return null;
      return {
        path,
        type: part ? PART_TYPES[part] : field.type,
        scale: part ? 0 : field.scale,
        meaning: part ? null : field.meaning,
        trail: [...trail, field.label],
        part: part ?? null,
        dataset: here.name,
        field: field.name,
        pii: field.pii,
        purposes: field.purposes,
        consentPurposes: field.consentPurposes,
        aliases: field.aliases,
      };
    }
    const relation: CatalogRelation | undefined = here.relations.find(
      (r) => r.name === name && !r.many,
    );
    if (!relation) return null;
    trail.push(relation.label);
    here = catalog.datasets.get(relation.target);
    ofEvent = false;
  }
  return null;
}

/** Every field reachable over to-one relations, nearest first, at most `depth` hops away. */
export function reachableFields(catalog: Catalog, scope: Scope, depth = 3): FoundField[] {
  const found: FoundField[] = [];
  let front: { dataset: string; prefix: string[]; seen: readonly string[] }[] = [
    { dataset: scope.dataset, prefix: [], seen: [scope.dataset] },
  ];
  for (let hop = 0; hop <= depth && front.length > 0; hop += 1) {
    const next: typeof front = [];
    for (const { dataset: name, prefix, seen } of front) {
      const dataset = catalog.datasets.get(name);
      if (!dataset) continue;
      for (const field of fieldsOf(catalog, dataset, scope.ofEvent && hop === 0)) {
        const path = [...prefix, field.name].join(".");
        for (const part of [null, ...partsOf(field.type, dataset.kind === "versioned")]) {
          const at = resolve(catalog, scope, part === null ? path : `${path}.${part}`);
          if (at) found.push(at);
        }
      }
      for (const relation of dataset.relations) {
        if (relation.many || seen.includes(relation.target)) continue;
        next.push({
          dataset: relation.target,
          prefix: [...prefix, relation.name],
          seen: [...seen, relation.target],
        });
      }
    }
    front = next;
  }
  return found;
}

export interface FoundRelation {
  path: string;
  target: string;
  trail: readonly Bilingual[];
  hops: number;
}

/** The to-many ways from a dataset, hopping over any relation, nearest first. */
export function reachableRelations(catalog: Catalog, from: string, depth = 3): FoundRelation[] {
  const found: FoundRelation[] = [];
  type Front = {
    dataset: string;
    path: string[];
    trail: Bilingual[];
    many: boolean;
    seen: string[];
  };
  let front: Front[] = [{ dataset: from, path: [], trail: [], many: false, seen: [from] }];
  for (let hop = 1; hop <= depth && front.length > 0; hop += 1) {
    const next: Front[] = [];
    for (const at of front) {
      for (const relation of catalog.datasets.get(at.dataset)?.relations ?? []) {
        if (at.seen.includes(relation.target)) continue;
        const step: Front = {
          dataset: relation.target,
          path: [...at.path, relation.name],
          trail: [...at.trail, relation.label],
          many: at.many || relation.many,
          seen: [...at.seen, relation.target],
        };
        if (step.many) {
          found.push({
            path: step.path.join("."),
            target: step.dataset,
            trail: step.trail,
            hops: hop,
          });
        }
        next.push(step);
      }
    }
    front = next;
  }
  return found;
}

/** Where a relation path leads; null when a name on it is unknown. */
export function resolveRelation(
  catalog: Catalog,
  from: string,
  path: string,
): FoundRelation | null {
  let here = catalog.datasets.get(from);
  const trail: Bilingual[] = [];
  const steps = path.split(".");
  for (const name of steps) {
    const relation: CatalogRelation | undefined = here?.relations.find((r) => r.name === name);
    if (!relation) return null;
    trail.push(relation.label);
    here = catalog.datasets.get(relation.target);
  }
  return here ? { path, target: here.name, trail, hops: steps.length } : null;
}

export interface FoundEvent {
  name: string;
  label: Bilingual;
  dataset: string;
}

/** Event datasets whose rows belong to the subject. Names in a field are asked from the data. */
export function eventDatasets(catalog: Catalog, subject: string): CatalogDataset[] {
  const kind = catalog.datasets.get(subject)?.subject ?? subject;
  return [...catalog.datasets.values()].filter(
    (d) => d.event !== null && (d.event.of.includes(kind) || d.event.of.includes(subject)),
  );
}

/** The dataset of an event name: the one named so, else the first that names by a field. */
export function datasetOfEvent(
  catalog: Catalog,
  subject: string,
  name: string,
): CatalogDataset | null {
  const all = eventDatasets(catalog, subject);
  return (
    all.find((d) => d.event?.name === name) ??
    all.find((d) => d.event?.nameField != null) ??
    all[0] ??
    null
  );
}

/**
 * Whether a field may serve a purpose: yes, only with consent, or not at all. A field that names
 * its purposes serves none that is left open.
 */
export function allowance(
  field: Pick<FoundField, "purposes" | "consentPurposes">,
  purpose: string | null,
): "yes" | "consent" | "no" {
  if (field.purposes === null) return "yes";
  if (!purpose) return "no";
  if (field.purposes.includes(purpose)) return "yes";
  return field.consentPurposes.includes(purpose) ? "consent" : "no";
}
