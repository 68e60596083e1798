/** Which operators a type has, and what operand each asks for. */

import type { Measure, Operand } from "./blocks";
import type { FieldType } from "./catalog";

export type Op =
  | "eq"
  | "ne"
  | "in"
  | "not_in"
  | "is_set"
  | "is_not_set"
  | "lt"
  | "le"
  | "gt"
  | "ge"
  | "between"
  | "during"
  | "not_during"
  | "anniversary_during"
  | "contains"
  | "not_contains"
  | "starts_with"
  | "ends_with"
  | "matches"
  | "is_true"
  | "is_false"
  | "has"
  | "has_any"
  | "has_all"
  | "has_none"
  | "is_empty"
  | "is_not_empty";

/** The family of a type: the same operators and the same words. */
export type Family = "number" | "date" | "text" | "boolean" | "strings";

export function familyOf(type: FieldType): Family {
  switch (type) {
    case "integer":
    case "decimal":
    case "float":
      return "number";
    case "date":
    case "timestamp":
      return "date";
    case "string":
      return "text";
    case "boolean":
      return "boolean";
    case "strings":
      return "strings";
  }
}

const OPS: Record<Family, readonly Op[]> = {
  number: ["ge", "le", "gt", "lt", "between", "eq", "ne", "in", "not_in", "is_set", "is_not_set"],
  date: [
    "during",
    "not_during",
    "anniversary_during",
    "ge",
    "le",
    "gt",
    "lt",
    "between",
    "eq",
    "ne",
    "is_set",
    "is_not_set",
  ],
  text: [
    "in",
    "not_in",
    "contains",
    "not_contains",
    "starts_with",
    "ends_with",
    "eq",
    "ne",
    "matches",
    "is_set",
    "is_not_set",
  ],
  boolean: ["is_true", "is_false", "is_set", "is_not_set"],
  strings: [
    "has_any",
    "has_all",
    "has_none",
    "has",
    "is_empty",
    "is_not_empty",
    "is_set",
    "is_not_set",
  ],
};

/** `equal` false leaves out what is refused on float aggregates. */
export function opsOf(type: FieldType, options: { aggregate?: boolean } = {}): readonly Op[] {
  const ops = OPS[familyOf(type)];
  if (options.aggregate && type === "float") {
    return ops.filter((op) => !["eq", "ne", "in", "not_in"].includes(op));
  }
  return ops;
}

export type Form = "none" | "one" | "many" | "range" | "window";

export function formOf(op: string): Form {
  switch (op) {
    case "is_set":
    case "is_not_set":
    case "is_true":
    case "is_false":
    case "is_empty":
    case "is_not_empty":
      return "none";
    case "in":
    case "not_in":
    case "has_any":
    case "has_all":
    case "has_none":
      return "many";
    case "between":
      return "range";
    case "during":
    case "not_during":
    case "anniversary_during":
      return "window";
    default:
      return "one";
  }
}

export function defaultOp(type: FieldType): Op {
  return OPS[familyOf(type)][0] as Op;
}

function one(operand: Operand): Operand {
  switch (operand.kind) {
    case "one":
    case "today":
    case "now":
    case "field":
    case "subject":
    case "user":
    case "raw":
      return operand;
    case "many":
      return { kind: "one", value: operand.values[0] ?? null };
    case "range":
      return operand.low;
    default:
      return { kind: "one", value: null };
  }
}

/** The operand an operator asks for, keeping what was typed where it still fits. */
export function operandFor(op: string, type: FieldType, before: Operand): Operand {
  const family = familyOf(type);
  switch (formOf(op)) {
    case "none":
      return { kind: "none" };
    case "many": {
      if (before.kind === "many") return before;
      const single = one(before);
      if (single.kind === "one" && single.value !== null && single.value !== "") {
        return { kind: "many", values: [single.value] };
      }
      return { kind: "many", values: [] };
    }
    case "range":
      return before.kind === "range"
        ? before
        : { kind: "range", low: one(before), high: { kind: "one", value: null } };
    case "window":
      if (before.kind === "window") return before;
      return {
        kind: "window",
        window:
          op === "anniversary_during"
            ? { kind: "next", length: "7d" }
            : { kind: "last", length: "30d" },
      };
    case "one": {
      const single = one(before);
      if (family === "date" && single.kind === "one" && single.value === null) {
        return { kind: "today", offset: "0d" };
      }
      return single;
    }
  }
}

/** The type a measure yields, given the type of the field it measures. */
export function measureType(measure: Measure, field: FieldType | null): FieldType {
  switch (measure.kind) {
    case "count":
    case "distinct":
      return "integer";
    case "avg":
      return field === "float" ? "float" : "decimal";
    default:
      return field ?? "decimal";
  }
}

/** Whether a field of this type can be measured so. */
export function measurable(kind: Measure["kind"], type: FieldType): boolean {
  switch (kind) {
    case "sum":
    case "avg":
      return familyOf(type) === "number";
    case "min":
    case "max":
      return ["number", "date"].includes(familyOf(type));
    case "distinct":
      return type !== "strings";
    default:
      return true;
  }
}

export const MEASURES: readonly Measure["kind"][] = [
  "count",
  "sum",
  "avg",
  "min",
  "max",
  "distinct",
  "first",
  "last",
];
