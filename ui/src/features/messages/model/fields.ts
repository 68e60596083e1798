/** Names, labels and formats that a chosen value suggests. */
import { type Catalog, type JsonObject, wordsOf } from "@/features/rules";
import en from "@/features/rules/en.json";
import ja from "@/features/rules/ja.json";
import type { Fields, TemplateField, ValueFormat } from "./body";

const MEASURES = { ja: ja.measure, en: en.measure };

/** Templates are written to people. */
export const SUBJECT = "person";

export function valueWords(catalog: Catalog, value: JsonObject) {
  return wordsOf(catalog, SUBJECT, value, MEASURES);
}

/** Names of Liquid and of ours that no field may take. */
const TAKEN = new Set(
  (
    "person salutation sender unsubscribe_url preferences_url given today forloop tablerowloop " +
    "empty blank nil true false contains and or not in with as for if else"
  ).split(" "),
);

export const NAME = /^[a-z][a-z0-9_]{0,39}$/;

/** Whether a field may be called so. */
export function nameable(name: string, others: readonly string[]): boolean {
  return NAME.test(name) && !TAKEN.has(name) && !others.includes(name);
}

/** A name that is not taken: the last steps of the value's path, in letters Liquid can read. */
export function freeName(value: JsonObject, taken: readonly string[]): string {
  const path = [value.field, value.related, value.event].find((one) => typeof one === "string");
  const plain = String(path ?? "")
    .split(".")
    .slice(-1)
    .join("")
    .toLowerCase()
    .replace(/[^a-z0-9_]/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 36);
  const base = plain === "" || TAKEN.has(plain) ? `field${plain ? `_${plain}` : ""}` : plain;
  if (!taken.includes(base)) return base;
  let number = 2;
  while (taken.includes(`${base}_${number}`)) number += 1;
  return `${base}_${number}`;
}

function formatFor(type: string, meaning: string | null): ValueFormat {
  if (meaning === "money") return "money";
  if (meaning === "rate") return "percent";
  if (type === "date") return "date";
  if (type === "timestamp") return "datetime";
  if (type === "strings") return "list";
  return "auto";
}

export function newField(catalog: Catalog, value: JsonObject): TemplateField {
  const words = valueWords(catalog, value);
  return {
    value,
    default: null,
    format: formatFor(words?.type ?? "", words?.meaning ?? null),
    label: words?.label ?? { ja: "", en: "" },
  };
}

/** The same field with another value: what the old one suggested follows, the rest stays. */
export function revalued(catalog: Catalog, field: TemplateField, value: JsonObject): TemplateField {
  const before = newField(catalog, field.value);
  const after = newField(catalog, value);
  const same = field.label.ja === before.label.ja && field.label.en === before.label.en;
  return {
    ...field,
    value,
    label: same ? after.label : field.label,
    format: field.format === before.format ? after.format : field.format,
  };
}

/** The fields with one under another name, in the same order. */
export function renamed(fields: Fields, from: string, to: string): Fields {
  return Object.fromEntries(
    Object.entries(fields).map(([name, field]) => [name === from ? to : name, field]),
  );
}
