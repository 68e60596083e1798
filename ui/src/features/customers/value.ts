import type { Format } from "@/design/useFormat";
import type { ShownField } from "./types";

interface Words {
  yes: string;
  no: string;
  years: (years: number) => string;
}

/** Whole years between a birth date and today (both ISO dates). */
export function ageOn(birth: string, today: string): number | null {
  const from = /^(\d{4})-(\d{2}-\d{2})/.exec(birth);
  const to = /^(\d{4})-(\d{2}-\d{2})/.exec(today);
  if (!from || !to) return null;
  const years = Number(to[1]) - Number(from[1]);
  return (from[2] ?? "") > (to[2] ?? "") ? years - 1 : years;
}

/** A value as the bank writes it, by the type and meaning of its field. Null: nothing to show. */
export function writeValue(
  field: Pick<ShownField, "type" | "meaning" | "scale">,
  value: unknown,
  format: Format,
  words: Words,
  today: string,
): string | null {
  if (value === null || value === undefined || value === "") return null;
  if (typeof value === "boolean") return value ? words.yes : words.no;
  if (Array.isArray(value)) return value.map(String).join(format.locale === "ja" ? "、" : ", ");
  const text = String(value);
  if (field.meaning === "money") return format.money(text, "exact");
  if (field.meaning === "birth_date") {
    const years = ageOn(text, today);
    return years === null ? text : `${format.plainDate(text)} ${words.years(years)}`;
  }
  if (field.type === "date") return format.plainDate(text);
  if (field.type === "timestamp") return format.dateTime(text);
  if (field.meaning === "rate") return `${format.number(text, 3)}%`;
  if (field.meaning === "id" || field.meaning === "phone") return text;
  if (field.type === "decimal" || field.type === "float")
    return format.number(text, field.scale || 4);
  return text;
}

const DULL = new Set(["id", "url"]);

/** The few fields of an event that tell most: two in words, the money, a note; nothing empty. */
export function telling<F extends ShownField & { value: unknown }>(fields: readonly F[]): F[] {
  const spoken = fields.filter(
    (field) =>
      field.value !== null &&
      field.value !== undefined &&
      field.value !== "" &&
      field.type !== "boolean" &&
      field.type !== "timestamp" &&
      field.type !== "date" &&
      !DULL.has(field.meaning ?? "") &&
      !/(^|_)(id|no|number)$/.test(field.name),
  );
  const money = spoken.filter((field) => field.meaning === "money").slice(0, 1);
  const notes = spoken.filter((field) => field.meaning === "note").slice(0, 1);
  const categories = spoken.filter((field) => field.meaning === "category");
  const rest = spoken.filter((field) => field.meaning === null && field.type === "string");
  return [...[...categories, ...rest].slice(0, 2), ...money, ...notes];
}
