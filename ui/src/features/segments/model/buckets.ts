/** Buckets of a composition: their words and the rule behind each. No drawing here. */
import type { JsonObject } from "@/features/rules";
import type { Bucket } from "../types";

type Scalar = string | number | boolean;
const NUMBERS = new Set(["integer", "decimal", "float"]);

/** What the catalog knows of a value: its type, and what it means (`money`…). */
export interface ValueKind {
  type: string;
  meaning: string | null;
}

/**
 * The rule for the people of one bucket: in the segment, and with that value. Null when the bucket
 * has no value that a rule could name. `last`: the bucket whose upper end is in it.
 */
export function bucketRule(
  slug: string,
  value: JsonObject,
  bucket: Pick<Bucket, "low" | "high">,
  { type }: ValueKind,
  last = false,
): JsonObject | null {
  const low = operand(bucket.low, type);
  const high = operand(bucket.high, type);
  if (low === null || high === null) return null;
  const inside: JsonObject = { segment: slug };
  if (low === high) return { all: [inside, test(value, type === "strings" ? "has" : "eq", low)] };
  return { all: [inside, test(value, "ge", low), test(value, last ? "le" : "lt", high)] };
}

/** Those whose value is unset. */
export function unsetRule(slug: string, value: JsonObject): JsonObject {
  return { all: [{ segment: slug }, { ...value, op: "is_not_set" }] };
}

function test(value: JsonObject, op: string, against: Scalar): JsonObject {
  return { ...value, op, value: against };
}

/** Exact numbers come as text; a rule has them as numbers. */
function operand(value: unknown, type: string): Scalar | null {
  if (typeof value === "string" && NUMBERS.has(type)) {
    const found = Number(value);
    return value !== "" && Number.isFinite(found) ? found : null;
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") {
    return value;
  }
  return null;
}

/** How one end of a range, or a category, is written. */
export interface EndWriter {
  number: (value: string | number, digits?: number) => string;
  money: (value: string | number) => string;
  percent: (ratio: number) => string;
  date: (value: string) => string;
  plainDate: (value: string) => string;
}

/** A range or a category in words: 0 – 200,000, 3 Apr 1962 – …, a name. */
export function bucketLabel(
  bucket: Pick<Bucket, "label" | "low" | "high">,
  kind: ValueKind,
  write: EndWriter,
): string {
  const { low, high } = bucket;
  const first = endWords(low, kind, write);
  const second = endWords(high, kind, write);
  if (first === null || second === null) return bucket.label;
  return low === high ? first : `${first}\u2009–\u2009${second}`;
}

/** Where a range begins, for below its bar, where the whole range has no room: 20 –. */
export function bucketStart(
  bucket: Pick<Bucket, "label" | "low">,
  kind: ValueKind,
  write: EndWriter,
): string {
  const first = endWords(bucket.low, kind, write);
  return first === null ? bucket.label : `${first}\u2009–`;
}

function endWords(end: unknown, { type, meaning }: ValueKind, write: EndWriter): string | null {
  if (typeof end !== "string" && typeof end !== "number") return null;
  if (NUMBERS.has(type)) {
    if (meaning === "money") return write.money(end);
    if (meaning === "rate") return write.percent(Number(end));
    return write.number(end, 2);
  }
  if (type === "date") return write.plainDate(String(end));
  if (type === "timestamp") return write.date(String(end));
  return null;
}
