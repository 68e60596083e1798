/** Names, labels and formats that a chosen value suggests, and the body of a new definition. */
import { type Catalog, type JsonObject, wordsOf } from "@/features/rules";
import en from "@/features/rules/en.json";
import ja from "@/features/rules/ja.json";
import type {
  ColumnFormat,
  DefinitionBody,
  DefinitionColumn,
  DefinitionFilter,
  Words,
} from "../lists/types";

const MEASURES = { ja: ja.measure, en: en.measure };

export function valueWords(catalog: Catalog, subject: string, value: JsonObject) {
  return wordsOf(catalog, subject, value, MEASURES);
}

/** How a column of this type and meaning is best shown. */
export function formatFor(type: string, meaning: string | null): ColumnFormat {
  if (meaning === "money") return "money";
  if (meaning === "rate") return "percent";
  if (meaning === "phone") return "phone";
  if (meaning === "email") return "email";
  switch (type) {
    case "integer":
    case "decimal":
    case "float":
      return "number";
    case "date":
      return "date";
    case "timestamp":
      return "datetime";
    case "boolean":
      return "boolean";
    case "strings":
      return "list";
    default:
      return "text";
  }
}

/** A name that is not taken yet: the last step of the value's path, numbered when need be. */
export function freeName(value: JsonObject, taken: readonly string[]): string {
  const path = [value.field, value.related, value.event].find((one) => typeof one === "string");
  const base =
    String(path ?? "value")
      .split(".")
      .slice(-2)
      .join("_")
      .replace(/[^\p{L}\p{N}_]/gu, "_")
      .replace(/^[^\p{L}]+/u, "") || "value";
  const used = new Set(taken.map((name) => name.toLowerCase()));
  if (!used.has(base.toLowerCase())) return base;
  let number = 2;
  while (used.has(`${base}_${number}`.toLowerCase())) number += 1;
  return `${base}_${number}`;
}

function labelOf(catalog: Catalog, subject: string, value: JsonObject, name: string): Words {
  return valueWords(catalog, subject, value)?.label ?? { ja: name, en: name };
}

export function newColumn(
  catalog: Catalog,
  subject: string,
  value: JsonObject,
  columns: readonly DefinitionColumn[],
): DefinitionColumn {
  const name = freeName(
    value,
    columns.map((column) => column.name),
  );
  const words = valueWords(catalog, subject, value);
  return {
    name,
    label: labelOf(catalog, subject, value, name),
    value,
    format: formatFor(words?.type ?? "string", words?.meaning ?? null),
    order: columns.length,
    role: null,
  };
}

export function newFilter(
  catalog: Catalog,
  subject: string,
  value: JsonObject,
  filters: readonly DefinitionFilter[],
): DefinitionFilter {
  const name = freeName(
    value,
    filters.map((filter) => filter.name),
  );
  return { name, label: labelOf(catalog, subject, value, name), value };
}

const same = (a: Words | undefined, b: Words) => a?.ja === b.ja && a.en === b.en;

/** A column with another value: what the old value suggested follows, what was written stays. */
export function revalued(
  catalog: Catalog,
  subject: string,
  column: DefinitionColumn,
  value: JsonObject,
): DefinitionColumn {
  const before = valueWords(catalog, subject, column.value);
  const after = valueWords(catalog, subject, value);
  if (!after) return { ...column, value };
  const formatted = formatFor(before?.type ?? "string", before?.meaning ?? null);
  return {
    ...column,
    value,
    label: relabelled(catalog, subject, column, value),
    format:
      column.format === formatted ? formatFor(after.type, after.meaning ?? null) : column.format,
  };
}

/** The label of something with another value: kept when it was written by hand. */
export function relabelled(
  catalog: Catalog,
  subject: string,
  old: { label: Words; value: JsonObject },
  value: JsonObject,
): Words {
  const kept = !same(valueWords(catalog, subject, old.value)?.label, old.label);
  return kept ? old.label : (valueWords(catalog, subject, value)?.label ?? old.label);
}

const both = (inJa: string, inEn: string): Words => ({ ja: inJa, en: inEn });

/** A new definition starts with the usual statuses, ways and outcomes. */
export function newBody(name: Words, subject: string, purpose: string | null): DefinitionBody {
  return {
    name,
    subject,
    purpose,
    rule: { all: [] },
    columns: [],
    filters: [],
    statuses: [
      { code: "open", label: both("未対応", "Open"), meaning: "open" },
      { code: "working", label: both("対応中", "Working"), meaning: "working" },
      { code: "done", label: both("完了", "Done"), meaning: "done" },
      { code: "dropped", label: both("対象外", "Dropped"), meaning: "dropped" },
    ],
    kinds: [
      { code: "call", label: both("電話", "Call"), channel: "phone" },
      { code: "visit", label: both("訪問", "Visit"), channel: "visit" },
      { code: "mail", label: both("メール", "Mail"), channel: "email" },
      { code: "meeting", label: both("面談", "Meeting"), channel: "meeting" },
    ],
    outcomes: [
      { code: "no_answer", label: both("不在", "No answer"), kind: "no_answer" },
      { code: "reached", label: both("話せた", "Reached"), kind: "reached" },
      { code: "positive", label: both("前向き", "Interested"), kind: "positive" },
      { code: "won", label: both("成約", "Won"), kind: "won", status: "done" },
      {
        code: "refused",
        label: both("今後の案内を拒否", "Refused"),
        kind: "refused",
        status: "dropped",
      },
      { code: "complaint", label: both("苦情", "Complaint"), kind: "complaint", status: "dropped" },
    ],
    talk_guide: "",
    lease_minutes: 15,
  };
}

/** A slug for the world of files, from an English name. */
export function slugOf(name: string): string {
  return name
    .normalize("NFKD")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+|-+$/g, "")
    .slice(0, 63);
}
