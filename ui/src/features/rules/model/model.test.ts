import { describe, expect, it } from "vitest";
import { type Block, isUnfinished, newGroup, newTest, newWhere } from "./blocks";
import * as edit from "./edit";
import { blockOfPath, faultsByBlock } from "./faults";
import * as history from "./history";
import type { JsonObject } from "./json";
import { parsePath } from "./json";
import { fromRule } from "./read";
import { toRule } from "./write";

describe("a condition", () => {
  it("knows sequences, sets and samples that wait for something", () => {
    const waits = (json: JsonObject) => isUnfinished(fromRule(json).children[0] as Block);
    expect(waits({ segment: "" })).toBe(true);
    expect(waits({ segment: "vip" })).toBe(false);
    expect(waits({ list: "x", status: [] })).toBe(true);
    expect(waits({ sequence: [{ event: "a" }] })).toBe(true);
    expect(waits({ sequence: [{ event: "a" }, { no_event: "b", within: "3d" }] })).toBe(false);
    expect(waits({ sample: { percent: 1, salt: "" } })).toBe(true);
    expect(waits({ field: "a", op: "gt", value: { of: { field: "" } } })).toBe(true);
  });

  it("knows a condition that waits for its value", () => {
    const of = (value: JsonObject[string]) =>
      isUnfinished(fromRule({ field: "a", op: "in", value }).children[0] as Block);
    expect(of([])).toBe(true);
    expect(of(["x"])).toBe(false);
    expect(of("")).toBe(true);
    expect(of(0)).toBe(false);
  });
});

function names(root: ReturnType<typeof newGroup>): string {
  const say = (block: Block): string =>
    block.kind === "group"
      ? `(${block.children.map(say).join(" ")})`
      : block.kind === "test" && block.on.kind === "field"
        ? block.on.path
        : "?";
  return root.children.map(say).join(" ");
}

function field(path: string) {
  return newTest({ kind: "field", path }, "is_set", { kind: "none" });
}

describe("edits", () => {
  const a = field("a");
  const b = field("b");
  const c = field("c");
  const inner = newGroup("any", [b]);
  const root = newGroup("all", [a, inner, c]);

  it("moves down through groups and back", () => {
    const one = edit.moveBy(root, a.id, 1);
    expect(names(one)).toBe("(a b) c");
    const two = edit.moveBy(one, a.id, 1);
    expect(names(two)).toBe("(b a) c");
    const three = edit.moveBy(two, a.id, 1);
    expect(names(three)).toBe("(b) a c");
    expect(names(edit.moveBy(three, a.id, -1))).toBe("(b a) c");
    expect(edit.moveBy(root, c.id, 1)).toBe(root);
  });

  it("moves to a place, not into itself", () => {
    expect(names(edit.moveTo(root, c.id, root.id, 0))).toBe("c a (b)");
    expect(names(edit.moveTo(root, a.id, root.id, 3))).toBe("(b) c a");
    expect(edit.moveTo(root, inner.id, inner.id, 0)).toBe(root);
  });

  it("refuses to carry a condition into the rows of a relation", () => {
    const rows = newTest(
      {
        kind: "related",
        relation: "accounts",
        where: { ...newWhere(), children: [field("type")] },
        during: null,
        measure: { kind: "count" },
      },
      null,
      { kind: "none" },
    );
    const whole = newGroup("all", [a, rows]);
    const where = rows.on.kind === "related" ? rows.on.where.id : "";
    expect(edit.moveTo(whole, a.id, where, 0)).toBe(whole);
    const narrowed = edit.insert(whole, where, 1, field("state"));
    expect(toRule(narrowed).json).toEqual({
      all: [
        { field: "a", op: "is_set" },
        {
          related: "accounts",
          where: {
            all: [
              { field: "type", op: "is_set" },
              { field: "state", op: "is_set" },
            ],
          },
        },
      ],
    });
  });

  it("moves in and out of groups", () => {
    expect(names(edit.moveIn(root, a.id))).toBe("(a b) c");
    expect(names(edit.moveIn(root, c.id))).toBe("a (b c)");
    expect(names(edit.moveIn(newGroup("all", [a, c]), a.id))).toBe("(a) c");
    expect(names(edit.moveOut(root, b.id))).toBe("a () b c");
    expect(edit.moveOut(root, a.id)).toBe(root);
  });

  it("negates, and dissolves a negated group only where it says the same", () => {
    const negated = edit.negate(root, inner.id);
    expect(toRule(edit.unwrap(negated, inner.id)).json).toEqual({
      all: [
        { field: "a", op: "is_set" },
        { not: { field: "b", op: "is_set" } },
        { field: "c", op: "is_set" },
      ],
    });
    const two = edit.insert(negated, inner.id, 1, field("d"));
    expect(edit.unwrap(two, inner.id)).toBe(two);
    expect(edit.negate(negated, inner.id)).toEqual(root);
  });

  it("edits what lies inside sequences and computed values", () => {
    const whole = fromRule({
      all: [
        { sequence: [{ event: "a" }, { event: "b", where: { field: "x", op: "is_set" } }] },
        { event: "a", op: "gt", value: { of: { event: "b" }, times: 2 } },
      ],
    });
    const [sequence, test] = whole.children;
    const [, step] = sequence?.kind === "sequence" ? sequence.steps : [];
    const of = test?.kind === "test" && test.operand.kind === "computed" ? test.operand.on : null;
    const inOf = of?.kind === "event" ? of.where.id : "";
    const grown = edit.insert(edit.insert(whole, inOf, 0, field("y")), step?.where.id ?? "", 1, a);
    expect(toRule(grown).json).toEqual({
      all: [
        {
          sequence: [
            { event: "a" },
            {
              event: "b",
              where: {
                all: [
                  { field: "x", op: "is_set" },
                  { field: "a", op: "is_set" },
                ],
              },
            },
          ],
        },
        {
          event: "a",
          op: "gt",
          value: { of: { event: "b", where: { field: "y", op: "is_set" } }, times: 2 },
        },
      ],
    });
    expect(edit.mayMove(grown, a.id, grown.id)).toBe(false);
    expect(edit.countTests(grown)).toBe(5);
  });

  it("duplicates with fresh ids, wraps, unwraps and removes", () => {
    const twin = edit.duplicate(root, inner.id);
    expect(names(twin.root)).toBe("a (b) (b) c");
    expect(new Set([...edit.walk(twin.root)].map(({ block }) => block.id)).size).toBe(6);
    const wrapped = edit.wrap(root, a.id);
    expect(names(wrapped.root)).toBe("(a) (b) c");
    expect(names(edit.unwrap(wrapped.root, wrapped.id))).toBe("a (b) c");
    expect(names(edit.remove(root, inner.id))).toBe("a c");
    expect(edit.neighbour(root, inner.id, 1)).toBe(b.id);
    expect(edit.countTests(root)).toBe(3);
  });
});

describe("paths of faults", () => {
  it("reads every way a path is written", () => {
    for (const path of [
      "rule.all[0].value",
      "$.rule.all[0].value",
      "/rule/all/0/value",
      "rule.all.0.value",
    ]) {
      expect(parsePath(path)).toEqual(["rule", "all", 0, "value"]);
    }
  });

  it("finds the block, also behind not and inside a narrowing", () => {
    const root = fromRule({
      all: [
        { not: { field: "a", op: "eq", value: 1 } },
        { related: "accounts", where: { field: "type", op: "eq", value: "x" } },
      ],
    });
    const { blocks } = toRule(root, ["rule"]);
    const [first, second] = root.children;
    const where = second?.kind === "test" && second.on.kind === "related" ? second.on.where : null;
    expect(blockOfPath("rule.all[0].not.value", blocks)).toBe(first?.id);
    expect(blockOfPath("all[0].not.field", blocks)).toBe(first?.id);
    expect(blockOfPath("rule.all[1].where.value", blocks)).toBe(where?.children[0]?.id);
    expect(blockOfPath("rule.all[1].measure", blocks)).toBe(second?.id);
    expect(blockOfPath("subject", blocks)).toBeNull();
    const by = faultsByBlock([{ path: "purpose", message: "x" }], blocks);
    expect([...by.keys()]).toEqual([""]);
  });
});

describe("history", () => {
  it("undoes and redoes, and counts typing in one place as one step", () => {
    let h = history.begin("a");
    h = history.commit(h, "ab", "field");
    h = history.commit(h, "abc", "field");
    h = history.commit(h, "x");
    expect(history.undo(h).present).toBe("abc");
    expect(history.undo(history.undo(h)).present).toBe("a");
    expect(history.redo(history.undo(h)).present).toBe("x");
    expect(history.undo(history.begin(1)).present).toBe(1);
    expect(history.commit(history.undo(h), "y").future).toEqual([]);
  });
});
