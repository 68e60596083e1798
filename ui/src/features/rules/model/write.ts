/** From the tree a person edits to the JSON of the rule language. */
import type {
  Block,
  DateRef,
  Group,
  Membership,
  Operand,
  Sequence,
  SequenceStep,
  Subject,
  Test,
  Window,
} from "./blocks";
import { type Json, type JsonObject, pathKey } from "./json";

/** JSON of a rule and, for every JSON path, the id of the block that wrote it. */
export interface Written {
  json: JsonObject;
  blocks: Map<string, string>;
  /** The JSON path of each block and group, as steps. */
  paths: Map<string, Path>;
}

export type Path = readonly (string | number)[];

/** Where each block stands in the JSON, both ways. */
interface Places {
  blocks: Map<string, string>;
  paths: Map<string, Path>;
}

function nowhere(): Places {
  return { blocks: new Map(), paths: new Map() };
}

/** Writes the rule; paths in `blocks` start at `base` (an envelope's rule is at `rule`). */
export function toRule(root: Group, base: Path = []): Written {
  const places = nowhere();
  return { json: writeWhole(root, base, places), ...places };
}

/** One block as JSON, without its place. */
export function writeBlock(block: Block): JsonObject {
  return write(block, [], nowhere());
}

function note(id: string, path: Path, places: Places) {
  places.blocks.set(pathKey(path), id);
  places.paths.set(id, path);
}

/** A root or a narrowing: a bare one is its only block. */
function writeWhole(group: Group, path: Path, places: Places): JsonObject {
  const only = group.children.length === 1 ? group.children[0] : undefined;
  if (!group.bare || !only || group.mode === "at_least" || group.not) {
    return write(group, path, places);
  }
  note(group.id, path, places);
  return write(only, path, places);
}

function write(block: Block, path: Path, places: Places): JsonObject {
  note(block.id, path, places);
  if (!block.not) return writePlain(block, path, places);
  const inner = [...path, "not"];
  const json = writePlain(block, inner, places);
  // A fault may stand at the `not` or at what it negates: both are this block's.
  if (!places.blocks.has(pathKey(inner))) places.blocks.set(pathKey(inner), block.id);
  return { not: json };
}

function writePlain(block: Block, path: Path, places: Places): JsonObject {
  switch (block.kind) {
    case "raw":
      return block.json;
    case "test":
      return writeTest(block, path, places);
    case "membership":
      return writeMembership(block);
    case "sequence":
      return writeSequence(block, path, places);
    case "sample":
      return { sample: { percent: block.percent, salt: block.salt } };
    case "group":
      return writeGroup(block, path, places);
  }
}

function writeGroup(group: Group, path: Path, places: Places): JsonObject {
  const only = group.children.length === 1 ? group.children[0] : undefined;
  if (group.bare && group.not && only && group.mode !== "at_least") {
    return write(only, path, places);
  }
  const slot = group.mode === "at_least" ? "of" : group.mode;
  const children = group.children.map((child, i) => write(child, [...path, slot, i], places));
  return group.mode === "at_least"
    ? { at_least: group.atLeast, of: children }
    : { [group.mode]: children };
}

function writeTest(test: Test, path: Path, places: Places): JsonObject {
  const out = subjectJson(test.on, path, places);
  if (test.op !== null) out.op = test.op;
  const value = operandJson(test.operand, [...path, "value"], places);
  if (value !== undefined) out.value = value;
  if (test.exact !== null) out.exact = test.exact;
  return out;
}

/** The value part of a test or column as JSON. */
export function writeSubject(on: Subject): JsonObject {
  return subjectJson(on, [], nowhere());
}

function subjectJson(on: Subject, path: Path, places: Places): JsonObject {
  if (on.kind === "field") return { field: on.path };
  const out: JsonObject =
    on.kind === "related" ? { related: on.relation } : { event: namesJson(on) };
  addWhere(out, on.where, path, places);
  if (on.during) out.during = windowJson(on.during);
  if (on.measure.kind !== "count") out.measure = { [on.measure.kind]: on.measure.field };
  else if (on.measure.written) out.measure = "count";
  return out;
}

function namesJson({ names, listed }: { names: string[]; listed?: boolean }): Json {
  return names.length === 1 && !listed ? (names[0] as string) : names;
}

/** A narrowing that says nothing is left out. */
function addWhere(out: JsonObject, where: Group, path: Path, places: Places) {
  places.paths.set(where.id, [...path, "where"]);
  if (where.bare && where.children.length === 0) return;
  out.where = writeWhole(where, [...path, "where"], places);
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

function operandJson(operand: Operand, path: Path, places: Places): Json | undefined {
  switch (operand.kind) {
    case "none":
      return undefined;
    case "one":
      return operand.value;
    case "many":
      return operand.values;
    case "range":
      return [
        operandJson(operand.low, [...path, 0], places) ?? null,
        operandJson(operand.high, [...path, 1], places) ?? null,
      ];
    case "today":
    case "now":
      return { [operand.kind]: operand.offset };
    case "field":
    case "subject":
      return { [operand.kind]: operand.path };
    case "user":
      return { user: operand.name };
    case "window":
      return windowJson(operand.window);
    case "computed": {
      const out: JsonObject = { of: subjectJson(operand.on, [...path, "of"], places) };
      if (operand.times !== null) out.times = operand.times;
      if (operand.plus !== null) out.plus = operand.plus;
      return out;
    }
    case "raw":
      return operand.json;
  }
}

function writeMembership(block: Membership): JsonObject {
  const out: JsonObject = { [block.set]: block.slug };
  if (block.statuses) out.status = block.statuses;
  if (block.crossing && block.window) out[block.crossing] = windowJson(block.window);
  return out;
}

function writeSequence(block: Sequence, path: Path, places: Places): JsonObject {
  const steps = block.steps.map((step, index) =>
    writeStep(step, [...path, "sequence", index], places),
  );
  const out: JsonObject = { sequence: steps };
  if (block.during) out.during = windowJson(block.during);
  if (block.same !== null) out.same = block.same;
  return out;
}

function writeStep(step: SequenceStep, path: Path, places: Places): JsonObject {
  places.paths.set(step.id, path);
  const out: JsonObject = { [step.absent ? "no_event" : "event"]: namesJson(step) };
  addWhere(out, step.where, path, places);
  if (step.within !== null) out.within = step.within;
  return out;
}
