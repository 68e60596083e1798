/**
 * The tree a person edits: blocks with ids of their own, so that focus, drag and faults survive
 * every change. `read` makes it of the JSON of the rule language and `write` gives that back
 * without losing anything: what has no form here is kept as a raw block.
 */
import type { Json, JsonObject } from "./json";

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
  /** `written`: the JSON says "count", which it need not. */
  | { kind: "count"; written?: boolean }
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
  /** `on × times + plus`, as the JSON writes them; null: left out. */
  | { kind: "computed"; on: Subject; times: number | null; plus: number | null }
  | { kind: "raw"; json: Json };

export type Subject =
  | { kind: "field"; path: string }
  | { kind: "related"; relation: string; where: Group; during: Window | null; measure: Measure }
  | {
      kind: "event";
      names: string[];
      /** One name, yet written as a list. */
      listed?: boolean;
      where: Group;
      during: Window | null;
      measure: Measure;
    };

/** What a test ranges over when it is no field: rows, with a narrowing of their own. */
export type Rows = Exclude<Subject, { kind: "field" }>;

export interface Group {
  kind: "group";
  id: string;
  not: boolean;
  mode: "all" | "any" | "at_least";
  atLeast: number;
  children: Block[];
  /** Written without its brackets while it holds one block, and not at all as an empty narrowing. */
  bare: boolean;
}

export interface Test {
  kind: "test";
  id: string;
  not: boolean;
  on: Subject;
  /** null: a count without an operator reads "at least one". */
  op: string | null;
  operand: Operand;
  /** Compares text as stored; null: the JSON says nothing. */
  exact: boolean | null;
}

/** Being in a segment or on a list, or having come into or gone out of a segment. */
export interface Membership {
  kind: "membership";
  id: string;
  not: boolean;
  set: "segment" | "list";
  slug: string;
  /** Of lists: the statuses meant; null: those that mean open or working. */
  statuses: string[] | null;
  crossing: "entered" | "left" | null;
  window: Window | null;
}

export interface SequenceStep {
  id: string;
  absent: boolean;
  names: string[];
  listed?: boolean;
  where: Group;
  within: string | null;
}

/** Events one after another. */
export interface Sequence {
  kind: "sequence";
  id: string;
  not: boolean;
  steps: SequenceStep[];
  during: Window | null;
  same: string | null;
}

/** A share of everybody, the same people each time for the same salt. */
export interface Sample {
  kind: "sample";
  id: string;
  not: boolean;
  percent: number;
  salt: string;
}

export interface Raw {
  kind: "raw";
  id: string;
  not: boolean;
  json: JsonObject;
}

export type Block = Group | Test | Membership | Sequence | Sample | Raw;

let made = 0;
export function newId(): string {
  made += 1;
  return `b${made}`;
}

export function newGroup(mode: Group["mode"] = "all", children: Block[] = []): Group {
  return { kind: "group", id: newId(), not: false, mode, atLeast: 1, children, bare: false };
}

/** The narrowing of rows that are not narrowed yet. */
export function newWhere(): Group {
  return { ...newGroup(), bare: true };
}

export function newTest(on: Subject, op: string | null, operand: Operand): Test {
  return { kind: "test", id: newId(), not: false, on, op, operand, exact: null };
}

export function newMembership(set: Membership["set"], slug = "", not = false): Membership {
  return {
    kind: "membership",
    id: newId(),
    not,
    set,
    slug,
    statuses: null,
    crossing: null,
    window: null,
  };
}

export function newStep(name = "", absent = false): SequenceStep {
  return {
    id: newId(),
    absent,
    names: name === "" ? [] : [name],
    where: newWhere(),
    within: absent ? "7d" : null,
  };
}

export function newSequence(): Sequence {
  return {
    kind: "sequence",
    id: newId(),
    not: false,
    steps: [newStep(), { ...newStep(), within: "7d" }],
    during: { kind: "last", length: "90d" },
    same: null,
  };
}

export function newSample(): Sample {
  return { kind: "sample", id: newId(), not: false, percent: 10, salt: "" };
}

/** The groups directly below a block: its children, and the narrowings inside it. */
export function groupsBelow(block: Block): Group[] {
  switch (block.kind) {
    case "group":
      return [block];
    case "sequence":
      return block.steps.map((step) => step.where);
    case "test":
      return [...groupsOfSubject(block.on), ...groupsOfOperand(block.operand)];
    default:
      return [];
  }
}

function groupsOfSubject(on: Subject): Group[] {
  return on.kind === "field" ? [] : [on.where];
}

function groupsOfOperand(operand: Operand): Group[] {
  if (operand.kind === "computed") return groupsOfSubject(operand.on);
  if (operand.kind === "range") {
    return [...groupsOfOperand(operand.low), ...groupsOfOperand(operand.high)];
  }
  return [];
}

/** The block with each group directly below it changed; the same block when none is. */
export function mapBelow(block: Block, change: (group: Group) => Group): Block {
  switch (block.kind) {
    case "group":
      return change(block);
    case "sequence": {
      const steps = block.steps.map((step) => {
        const where = change(step.where);
        return where === step.where ? step : { ...step, where };
      });
      return steps.every((step, i) => step === block.steps[i]) ? block : { ...block, steps };
    }
    case "test": {
      const on = mapSubject(block.on, change);
      const operand = mapOperand(block.operand, change);
      return on === block.on && operand === block.operand ? block : { ...block, on, operand };
    }
    default:
      return block;
  }
}

function mapSubject(on: Subject, change: (group: Group) => Group): Subject {
  if (on.kind === "field") return on;
  const where = change(on.where);
  return where === on.where ? on : { ...on, where };
}

function mapOperand(operand: Operand, change: (group: Group) => Group): Operand {
  if (operand.kind === "computed") {
    const on = mapSubject(operand.on, change);
    return on === operand.on ? operand : { ...operand, on };
  }
  if (operand.kind === "range") {
    const low = mapOperand(operand.low, change);
    const high = mapOperand(operand.high, change);
    return low === operand.low && high === operand.high ? operand : { ...operand, low, high };
  }
  return operand;
}

/** Whether a block still waits for something the person has not given. */
export function isUnfinished(block: Block): boolean {
  switch (block.kind) {
    case "test":
      return subjectMissing(block.on) || operandMissing(block.operand);
    case "membership":
      return block.slug === "" || block.statuses?.length === 0;
    case "sequence":
      return (
        block.steps.length < 2 ||
        block.same === "" ||
        block.steps.some((step) => step.names.length === 0 || step.names.includes(""))
      );
    case "sample":
      return block.salt === "";
    default:
      return false;
  }
}

function subjectMissing(on: Subject): boolean {
  if (on.kind === "field") return on.path === "";
  return on.measure.kind !== "count" && on.measure.field === "";
}

function operandMissing(operand: Operand): boolean {
  switch (operand.kind) {
    case "one":
      return operand.value === null || operand.value === "";
    case "many":
      return operand.values.length === 0;
    case "range":
      return operandMissing(operand.low) || operandMissing(operand.high);
    case "field":
    case "subject":
      return operand.path === "";
    case "computed":
      return subjectMissing(operand.on);
    case "window":
      return operand.window.kind === "between" && !operand.window.from && !operand.window.to;
    default:
      return false;
  }
}
