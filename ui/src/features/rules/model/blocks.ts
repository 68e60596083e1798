/**
 * The tree a person edits: blocks with ids of their own, so that focus, drag and faults survive
 * every change. It converts from and to the JSON of the rule language without losing anything:
 * what has no form here is kept as a raw block.
 */
import { isObject, type Json, type JsonObject, pathKey } from "./json";

export type Window =
  | { kind: "last"; length: string }
  | { kind: "next"; length: string }
  | { kind: "calendar"; name: string }
  | { kind: "between"; from: DateRef | null; to: DateRef | null };

/** A day or an instant: fixed, or relative to now. */
export type DateRef =
  | { kind: "fixed"; text: string }
  | { kind: "today"; offset: string }
  | { kind: "now"; offset: string };

export type Measure =
  | { kind: "count" }
  | { kind: "sum" | "avg" | "min" | "max" | "distinct" | "first" | "last"; field: string };

export type Operand =
  | { kind: "none" }
  | { kind: "one"; value: string | number | boolean | null }
  | { kind: "many"; values: (string | number | boolean)[] }
  | { kind: "range"; low: Operand; high: Operand }
  | { kind: "today"; offset: string }
  | { kind: "now"; offset: string }
  | { kind: "field"; path: string }
  | { kind: "subject"; path: string }
  | { kind: "user"; name: string }
  | { kind: "window"; window: Window }
  | { kind: "raw"; json: Json };

export type Subject =
  | { kind: "field"; path: string }
  | { kind: "related"; relation: string; where: Group; during: Window | null; measure: Measure }
  | { kind: "event"; names: string[]; where: Group; during: Window | null; measure: Measure };

export interface Group {
  kind: "group";
  id: string;
  not: boolean;
  mode: "all" | "any" | "at_least";
  atLeast: number;
  children: Block[];
}

export interface Test {
  kind: "test";
  id: string;
  not: boolean;
  on: Subject;
  /** null: a count without an operator reads "at least one". */
  op: string | null;
  operand: Operand;
  exact: boolean;
}

export interface Raw {
  kind: "raw";
  id: string;
  not: boolean;
  json: JsonObject;
}

export type Block = Group | Test | Raw;

let made = 0;
export function newId(): string {
  made += 1;
  return `b${made}`;
}

export function newGroup(mode: Group["mode"] = "all", children: Block[] = []): Group {
  return { kind: "group", id: newId(), not: false, mode, atLeast: 1, children };
}

export function newTest(on: Subject, op: string | null, operand: Operand): Test {
  return { kind: "test", id: newId(), not: false, on, op, operand, exact: false };
}

// ------------------------------------------------------------------------------- from JSON

/** A whole rule as a root group. A bare test becomes the only child of an "all" group. */
export function fromRule(json: Json | undefined): Group {
  if (!isObject(json)) return newGroup();
  const block = blockOf(json);
  if (block.kind === "group" && !block.not) return block;
  return newGroup("all", [block]);
}

function blockOf(json: JsonObject): Block {
  if ("not" in json && Object.keys(json).length === 1 && isObject(json.not)) {
    const inner = blockOf(json.not);
    return { ...inner, not: !inner.not };
  }
  return groupOf(json) ?? testOf(json) ?? { kind: "raw", id: newId(), not: false, json };
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

const TEST_KEYS = new Set([
  "field",
  "related",
  "event",
  "where",
  "during",
  "measure",
  "op",
  "value",
  "exact",
]);

function testOf(json: JsonObject): Test | null {
  if (Object.keys(json).some((key) => !TEST_KEYS.has(key))) return null;
  const on = subjectOf(json);
  if (on === null) return null;
  const op = json.op;
  if (op !== undefined && typeof op !== "string") return null;
  const operand = "value" in json ? operandOf(json.value as Json, op ?? null) : NONE;
  return {
    kind: "test",
    id: newId(),
    not: false,
    on,
    op: op ?? null,
    operand,
    exact: json.exact === true,
  };
}

const NONE: Operand = { kind: "none" };

/** The value part of a test or column; null when it has no form here. */
export function subjectOf(json: JsonObject): Subject | null {
  const field = json.field;
  if (typeof field === "string") {
    const extra = ["related", "event", "where", "during", "measure"].some((key) => key in json);
    return extra ? null : { kind: "field", path: field };
  }
  const during = json.during === undefined ? null : windowOf(json.during);
  if (json.during !== undefined && during === null) return null;
  const measure = measureOf(json.measure);
  if (measure === null) return null;
  const where = json.where === undefined ? newGroup() : fromRule(json.where);
  if (typeof json.related === "string") {
    return { kind: "related", relation: json.related, where, during, measure };
  }
  const names = typeof json.event === "string" ? [json.event] : json.event;
  if (Array.isArray(names) && names.length > 0 && names.every((n) => typeof n === "string")) {
    return { kind: "event", names: names as string[], where, during, measure };
  }
  return null;
}

function measureOf(json: Json | undefined): Measure | null {
  if (json === undefined || json === "count") return { kind: "count" };
  if (!isObject(json)) return null;
  const entries = Object.entries(json);
  const [kind, field] = entries[0] ?? [];
  if (entries.length !== 1 || typeof field !== "string") return null;
  switch (kind) {
    case "sum":
    case "avg":
    case "min":
    case "max":
    case "distinct":
    case "first":
    case "last":
      return { kind, field };
    default:
      return null;
  }
}

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

const WINDOW_OPS = new Set(["during", "not_during", "anniversary_during"]);

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
    const plain = json.every((v) => ["string", "number", "boolean"].includes(typeof v));
    return plain ? { kind: "many", values: json as string[] } : { kind: "raw", json };
  }
  if (!isObject(json)) return { kind: "one", value: json };
  const entries = Object.entries(json);
  const [key, value] = entries[0] ?? [];
  if (entries.length === 1 && typeof value === "string") {
    if (key === "today") return { kind: "today", offset: value };
    if (key === "now") return { kind: "now", offset: value };
    if (key === "field") return { kind: "field", path: value };
    if (key === "subject") return { kind: "subject", path: value };
    if (key === "user") return { kind: "user", name: value };
  }
  return { kind: "raw", json };
}

// --------------------------------------------------------------------------------- to JSON

/** JSON of a rule and, for every JSON path, the id of the block that wrote it. */
export interface Written {
  json: JsonObject;
  blocks: Map<string, string>;
}

type Path = readonly (string | number)[];

/** Writes the rule; paths in `blocks` start at `base` (an envelope's rule is at `rule`). */
export function toRule(root: Group, base: Path = []): Written {
  const blocks = new Map<string, string>();
  return { json: write(root, base, blocks), blocks };
}

function write(block: Block, path: Path, blocks: Map<string, string>): JsonObject {
  blocks.set(pathKey(path), block.id);
  if (block.not) {
    const inner = [...path, "not"];
    blocks.set(pathKey(inner), block.id);
    return { not: writePlain(block, inner, blocks) };
  }
  return writePlain(block, path, blocks);
}

function writePlain(block: Block, path: Path, blocks: Map<string, string>): JsonObject {
  if (block.kind === "raw") return block.json;
  if (block.kind === "test") {
    const out: JsonObject = writeSubject(block.on, path, blocks);
    if (block.op !== null) out.op = block.op;
    const value = operandJson(block.operand);
    if (value !== undefined) out.value = value;
    if (block.exact) out.exact = true;
    return out;
  }
  const slot = block.mode === "at_least" ? "of" : block.mode;
  const children = block.children.map((child, i) => write(child, [...path, slot, i], blocks));
  if (block.mode === "at_least") return { at_least: block.atLeast, of: children };
  return { [block.mode]: children };
}

/** The value part of a test or column as JSON. */
export function writeSubject(
  on: Subject,
  path: Path = [],
  blocks: Map<string, string> = new Map(),
): JsonObject {
  if (on.kind === "field") return { field: on.path };
  const out: JsonObject =
    on.kind === "related"
      ? { related: on.relation }
      : { event: on.names.length === 1 ? (on.names[0] as string) : on.names };
  const where = writeWhere(on.where, [...path, "where"], blocks);
  if (where) out.where = where;
  if (on.during) out.during = windowJson(on.during);
  if (on.measure.kind !== "count") out.measure = { [on.measure.kind]: on.measure.field };
  return out;
}

/** A narrowing: nothing when empty, the one condition bare, else the whole group. */
function writeWhere(where: Group, path: Path, blocks: Map<string, string>): JsonObject | null {
  if (where.children.length === 0) return null;
  const only = where.children[0];
  if (where.children.length === 1 && only && where.mode !== "at_least" && !where.not) {
    return write(only, path, blocks);
  }
  return write(where, path, blocks);
}

function dateRefJson(ref: DateRef): Json {
  return ref.kind === "fixed" ? ref.text : { [ref.kind]: ref.offset };
}

export function windowJson(window: Window): JsonObject {
  switch (window.kind) {
    case "last":
    case "next":
      return { [window.kind]: window.length };
    case "calendar":
      return { calendar: window.name };
    case "between": {
      const out: JsonObject = {};
      if (window.from) out.from = dateRefJson(window.from);
      if (window.to) out.to = dateRefJson(window.to);
      return out;
    }
  }
}

export function operandJson(operand: Operand): Json | undefined {
  switch (operand.kind) {
    case "none":
      return undefined;
    case "one":
      return operand.value;
    case "many":
      return operand.values;
    case "range":
      return [operandJson(operand.low) ?? null, operandJson(operand.high) ?? null];
    case "today":
    case "now":
      return { [operand.kind]: operand.offset };
    case "field":
      return { field: operand.path };
    case "subject":
      return { subject: operand.path };
    case "user":
      return { user: operand.name };
    case "window":
      return windowJson(operand.window);
    case "raw":
      return operand.json;
  }
}

/** Whether a block still waits for a value the person has not given. */
export function isUnfinished(block: Block): boolean {
  if (block.kind !== "test") return false;
  return operandMissing(block.operand);
}

function operandMissing(operand: Operand): boolean {
  switch (operand.kind) {
    case "one":
      return operand.value === null || operand.value === "";
    case "many":
      return operand.values.length === 0;
    case "range":
      return operandMissing(operand.low) || operandMissing(operand.high);
    case "window":
      return operand.window.kind === "between" && !operand.window.from && !operand.window.to;
    default:
      return false;
  }
}
