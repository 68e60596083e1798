/** From the JSON of the rule language to the tree a person edits. Nothing is lost on the way. */
import {
  type Block,
  type DateRef,
  type Group,
  type Measure,
  type Membership,
  newGroup,
  newId,
  newWhere,
  type Operand,
  type Sample,
  type Sequence,
  type SequenceStep,
  type Subject,
  type Test,
  type Window,
} from "./blocks";
import { isObject, type Json, type JsonObject, sameJson } from "./json";
import { writeBlock } from "./write";

/** A whole rule as a root group. What is no group becomes the only child of a bare one. */
export function fromRule(json: Json | undefined): Group {
  if (!isObject(json)) return newGroup();
  const block = blockOf(json);
  if (block.kind === "group" && !block.not) return block;
  return { ...newGroup("all", [block]), bare: true };
}

/** The block of one rule. What does not come back the same when written is kept as it is. */
export function blockOf(json: JsonObject): Block {
  if ("not" in json && Object.keys(json).length === 1 && isObject(json.not)) {
    const inner = blockOf(json.not);
    if (!inner.not) return { ...inner, not: true };
    return { ...newGroup("all", [inner]), bare: true, not: true };
  }
  const group = groupOf(json);
  if (group) return group;
  const block = testOf(json) ?? membershipOf(json) ?? sequenceOf(json) ?? sampleOf(json);
  if (block && sameJson(writeBlock(block), json)) return block;
  return { kind: "raw", id: newId(), not: false, json };
}

function groupOf(json: JsonObject): Group | null {
  const keys = Object.keys(json);
  for (const mode of ["all", "any"] as const) {
    const rules = json[mode];
    if (keys.length === 1 && Array.isArray(rules) && rules.every(isObject)) {
      return newGroup(mode, rules.map(blockOf));
    }
  }
  const rules = json.of;
  const least = json.at_least;
  if (
    keys.length === 2 &&
    typeof least === "number" &&
    Array.isArray(rules) &&
    rules.every(isObject)
  ) {
    return { ...newGroup("at_least", rules.map(blockOf)), atLeast: least };
  }
  return null;
}

// ------------------------------------------------------------------------------------ tests

function testOf(json: JsonObject): Test | null {
  const on = subjectOf(json);
  if (on === null) return null;
  const { op, exact } = json;
  if (op !== undefined && typeof op !== "string") return null;
  const operand = "value" in json ? operandOf(json.value as Json, op ?? null) : NONE;
  return {
    kind: "test",
    id: newId(),
    not: false,
    on,
    op: op ?? null,
    operand,
    exact: typeof exact === "boolean" ? exact : null,
  };
}

const NONE: Operand = { kind: "none" };

/** The value part of a test or column; null when it has no form here. */
export function subjectOf(json: JsonObject): Subject | null {
  if (typeof json.field === "string") return { kind: "field", path: json.field };
  const during = json.during === undefined ? null : windowOf(json.during);
  if (json.during !== undefined && during === null) return null;
  const measure = measureOf(json.measure);
  if (measure === null) return null;
  const where = whereOf(json.where);
  if (typeof json.related === "string") {
    return { kind: "related", relation: json.related, where, during, measure };
  }
  const names = namesOf(json.event);
  return names && { kind: "event", ...names, where, during, measure };
}

function whereOf(json: Json | undefined): Group {
  return json === undefined ? newWhere() : fromRule(json);
}

function namesOf(json: Json | undefined): { names: string[]; listed?: boolean } | null {
  if (typeof json === "string") return { names: [json] };
  if (!Array.isArray(json) || json.length === 0) return null;
  const names = json.filter((name) => typeof name === "string");
  if (names.length !== json.length) return null;
  return names.length === 1 ? { names, listed: true } : { names };
}

const MEASURES: ReadonlySet<string> = new Set([
  "sum",
  "avg",
  "min",
  "max",
  "distinct",
  "first",
  "last",
]);

function measureOf(json: Json | undefined): Measure | null {
  if (json === undefined) return { kind: "count" };
  if (json === "count") return { kind: "count", written: true };
  if (!isObject(json)) return null;
  const entries = Object.entries(json);
  const [kind, field] = entries[0] ?? [];
  if (entries.length !== 1 || typeof field !== "string" || !MEASURES.has(kind ?? "")) return null;
  return { kind: kind as Exclude<Measure["kind"], "count">, field };
}

// ---------------------------------------------------------------------------------- windows

function dateRefOf(json: Json | undefined): DateRef | null {
  if (typeof json === "string") return { kind: "fixed", text: json };
  if (!isObject(json)) return null;
  if (typeof json.today === "string") return { kind: "today", offset: json.today };
  if (typeof json.now === "string") return { kind: "now", offset: json.now };
  return null;
}

/** A window; null when it has no form here. */
export function windowOf(json: Json | undefined): Window | null {
  if (!isObject(json)) return null;
  if (typeof json.last === "string") return { kind: "last", length: json.last };
  if (typeof json.next === "string") return { kind: "next", length: json.next };
  if (typeof json.calendar === "string") return { kind: "calendar", name: json.calendar };
  if ("from" in json || "to" in json) {
    const from = dateRefOf(json.from);
    const to = dateRefOf(json.to);
    if ((json.from !== undefined && !from) || (json.to !== undefined && !to)) return null;
    return { kind: "between", from, to };
  }
  return null;
}

// --------------------------------------------------------------------------------- operands

const WINDOW_OPS = new Set(["during", "not_during", "anniversary_during"]);
const PLAIN = new Set(["string", "number", "boolean"]);

function operandOf(json: Json, op: string | null): Operand {
  if (op !== null && WINDOW_OPS.has(op)) {
    const window = windowOf(json);
    return window ? { kind: "window", window } : { kind: "raw", json };
  }
  if (Array.isArray(json)) {
    if (op === "between" && json.length === 2) {
      return {
        kind: "range",
        low: operandOf(json[0] as Json, null),
        high: operandOf(json[1] as Json, null),
      };
    }
    const plain = json.every((value) => PLAIN.has(typeof value));
    return plain ? { kind: "many", values: json as string[] } : { kind: "raw", json };
  }
  if (!isObject(json)) return { kind: "one", value: json };
  if (isObject(json.of)) return computedOf(json, json.of);
  const entries = Object.entries(json);
  const [key, value] = entries[0] ?? [];
  if (entries.length === 1 && typeof value === "string") {
    if (key === "today" || key === "now") return { kind: key, offset: value };
    if (key === "field" || key === "subject") return { kind: key, path: value };
    if (key === "user") return { kind: "user", name: value };
  }
  return { kind: "raw", json };
}

function computedOf(json: JsonObject, of: JsonObject): Operand {
  const on = subjectOf(of);
  const number = (value: Json | undefined) => (typeof value === "number" ? value : null);
  return on === null
    ? { kind: "raw", json }
    : { kind: "computed", on, times: number(json.times), plus: number(json.plus) };
}

// --------------------------------------------------------- memberships, sequences, samples

function membershipOf(json: JsonObject): Membership | null {
  const set = typeof json.segment === "string" ? "segment" : "list";
  const slug = json[set];
  if (typeof slug !== "string") return null;
  const crossing = "entered" in json ? "entered" : "left" in json ? "left" : null;
  const { status } = json;
  const statuses = Array.isArray(status) ? status.filter((one) => typeof one === "string") : null;
  return {
    kind: "membership",
    id: newId(),
    not: false,
    set,
    slug,
    statuses,
    crossing,
    window: crossing === null ? null : windowOf(json[crossing]),
  };
}

function sequenceOf(json: JsonObject): Sequence | null {
  if (!Array.isArray(json.sequence)) return null;
  const steps = json.sequence.map(stepOf).filter((step) => step !== null);
  if (steps.length !== json.sequence.length) return null;
  const during = json.during === undefined ? null : windowOf(json.during);
  const same = typeof json.same === "string" ? json.same : null;
  return { kind: "sequence", id: newId(), not: false, steps, during, same };
}

function stepOf(json: Json): SequenceStep | null {
  if (!isObject(json)) return null;
  const absent = "no_event" in json;
  const names = namesOf(absent ? json.no_event : json.event);
  if (names === null) return null;
  const within = typeof json.within === "string" ? json.within : null;
  return { id: newId(), absent, ...names, where: whereOf(json.where), within };
}

function sampleOf(json: JsonObject): Sample | null {
  if (!isObject(json.sample)) return null;
  const { percent, salt } = json.sample;
  if (typeof percent !== "number" || typeof salt !== "string") return null;
  return { kind: "sample", id: newId(), not: false, percent, salt };
}
