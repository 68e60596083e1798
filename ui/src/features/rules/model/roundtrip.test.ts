/** JSON → blocks → JSON is the identity, for every form of the language and for what has none. */
import { describe, expect, it } from "vitest";
import { type Group, newGroup } from "./blocks";
import { copy, walk } from "./edit";
import type { Json, JsonObject } from "./json";
import { blockOf, fromRule } from "./read";
import { toRule } from "./write";

const A: JsonObject = { field: "a", op: "is_set" };
const B: JsonObject = { field: "b.year", op: "ge", value: 2020 };
const BUY: JsonObject = { event: "purchase", measure: { sum: "amount" } };

const FORMS: JsonObject[] = [
  A,
  { all: [] },
  { any: [] },
  { all: [A] },
  { any: [A, { all: [B] }] },
  { not: A },
  { not: { all: [A, B] } },
  { all: [{ not: { not: A } }] },
  { not: { not: { any: [A] } } },
  { at_least: 2, of: [A, B, { not: A }] },
  { all: [{ at_least: 1, of: [] }] },
  { field: "prefecture", op: "in", value: ["東京都", "神奈川県"] },
  { field: "n", op: "not_in", value: [1, 2.5] },
  { field: "n", op: "between", value: [1, { field: "m" }] },
  { field: "d", op: "between", value: [{ today: "-1y" }, "2026-04-01"] },
  { field: "t", op: "lt", value: { now: "-2h" } },
  { field: "name", op: "contains", value: "Ａ", exact: true },
  { field: "name", op: "eq", value: "a", exact: false },
  { field: "name", op: "matches", value: "(?i)^a+$" },
  { field: "name", op: "eq", value: "" },
  { field: "flag", op: "is_false" },
  { field: "tags", op: "has", value: "x" },
  { field: "tags", op: "has_any", value: [] },
  { field: "tags", op: "has_none", value: ["x", "y"] },
  { field: "tags", op: "is_not_empty" },
  { field: "branch", op: "eq", value: { user: "branch" } },
  { field: "branch", op: "in", value: { user: "branches" } },
  { field: "birth", op: "anniversary_during", value: { next: "7d" } },
  { field: "d", op: "not_during", value: { calendar: "last_fiscal_quarter" } },
  { field: "d", op: "during", value: { from: "2026-01-01" } },
  { field: "d", op: "during", value: { to: { now: "-3h" } } },
  { field: "d", op: "during", value: { from: { today: "-30d" }, to: { today: "0d" } } },
  { related: "accounts" },
  { related: "accounts", measure: "count", op: "ge", value: 2 },
  { related: "accounts", where: A },
  { related: "accounts", where: { all: [A] } },
  { related: "accounts", where: { all: [] } },
  { related: "accounts", where: { not: { any: [A, B] } } },
  { related: "accounts.transactions", where: { related: "notes", where: A } },
  {
    related: "accounts",
    where: { field: "opened", op: "gt", value: { subject: "joined" } },
    during: { last: "90d" },
    measure: { avg: "balance" },
    op: "gt",
    value: 1000,
  },
  { event: "*" },
  { event: ["login"] },
  { event: ["login", "logout"], during: { calendar: "this_month" } },
  { event: "login", measure: { first: "ts" }, op: "during", value: { last: "30d" } },
  { event: "login", measure: { distinct: "ts.date" }, op: "ge", value: 5 },
  { ...BUY, op: "lt", value: { of: BUY, times: 0.7 } },
  { ...BUY, op: "lt", value: { of: { ...BUY, where: { any: [A, B] } }, times: 2, plus: -5 } },
  { field: "n", op: "ge", value: { of: { field: "m" } } },
  { field: "n", op: "between", value: [{ of: { field: "m" }, plus: 1 }, 5] },
  { segment: "vip" },
  { not: { segment: "do-not-visit" } },
  { segment: "vip", entered: { last: "30d" } },
  { segment: "vip", left: { calendar: "last_month" } },
  { list: "autumn" },
  { list: "autumn", status: ["open", "won"] },
  { list: "autumn", status: [] },
  { sequence: [{ event: "a" }, { event: "b" }] },
  {
    sequence: [
      { event: ["a", "b"], where: { all: [A, B] } },
      { event: "c", where: A, within: "7d" },
      { no_event: "*", within: "3d" },
    ],
    during: { last: "6mo" },
    same: "order.id",
  },
  { sample: { percent: 10, salt: "spring" } },
  { sample: { percent: 0.5, salt: "" } },
];

/** What the language does not know: kept, not guessed at. */
const STRANGE: JsonObject[] = [
  {},
  { field: 3 },
  { field: "a", op: "eq", value: 1, colour: "red" },
  { field: "a", related: "b" },
  { all: [A], any: [B] },
  { all: "x" },
  { all: [A, 5] },
  { not: 5 },
  { not: A, all: [] },
  { at_least: "2", of: [A] },
  { related: "x", measure: { sum: "a", avg: "b" } },
  { related: "x", measure: { median: "a" } },
  { related: "x", during: { last: "30d", next: "3d" } },
  { event: [] },
  { event: ["a", 5] },
  { segment: "vip", status: ["open"], entered: { last: "1d" }, left: { last: "1d" } },
  { segment: "vip", entered: 7 },
  { list: 7 },
  { list: "x", status: [7] },
  { sequence: "x" },
  { sequence: [{ event: "a", no_event: "b" }] },
  { sequence: [{ event: "a", during: {} }] },
  { sample: { percent: "10", salt: "x" } },
  { sample: { percent: 10, salt: "x", seed: 1 } },
  { field: "a", op: "eq", value: { of: { field: "b" }, times: "2" } },
  { field: "a", op: "eq", value: { of: 3 } },
  { field: "a", op: "in", value: [{ today: "0d" }] },
  { field: "a", op: "eq", value: null },
  { journey: "x" },
];

const TABLE = [...FORMS, ...STRANGE];

describe("a rule", () => {
  it.each(TABLE.map((rule) => [JSON.stringify(rule), rule]))("comes back as %s", (_, rule) => {
    const found = rule as JsonObject;
    expect(toRule(fromRule(found)).json).toEqual(found);
    const nested = { any: [found, { all: [A, { not: found }] }] };
    expect(toRule(fromRule(nested)).json).toEqual(nested);
  });

  it.each(FORMS.map((rule) => [JSON.stringify(rule), rule]))("has a form for %s", (_, rule) => {
    const kinds = [...walk({ ...fromRule({ all: [rule as JsonObject] }) })].map(
      ({ block }) => block.kind,
    );
    expect(kinds).not.toContain("raw");
  });

  it.each(FORMS.map((rule) => [JSON.stringify(rule), rule]))("copies %s", (_, rule) => {
    const found = newGroup("all", [blockOf(rule as JsonObject)]);
    const twin = copy(found);
    const ids = (root: Group) => [...walk(root)].map(({ block }) => block.id);
    expect(ids(twin).filter((id) => ids(found).includes(id))).toEqual([]);
    expect(toRule(twin).json).toEqual({ all: [rule] });
  });

  it("comes back whatever it is made of", () => {
    let seed = 7;
    const random = (n: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return seed % n;
    };
    const some = (depth: number): JsonObject => {
      const leaf = TABLE[random(TABLE.length)] as JsonObject;
      if (depth === 0) return leaf;
      const rules = (): Json[] => Array.from({ length: random(4) }, () => some(depth - 1));
      const makers: (() => JsonObject)[] = [
        () => ({ all: rules() }),
        () => ({ any: rules() }),
        () => ({ not: some(depth - 1) }),
        () => ({ at_least: random(3), of: rules() }),
        () => ({ related: "r", where: some(depth - 1) }),
        () => ({ sequence: [{ event: "a", where: some(depth - 1) }, BUY] as Json[] }),
        () => ({ ...BUY, op: "gt", value: { of: { event: "x", where: some(depth - 1) } } }),
        () => leaf,
      ];
      return (makers[random(makers.length)] as () => JsonObject)();
    };
    for (let i = 0; i < 400; i += 1) {
      const rule = some(4);
      expect(toRule(fromRule(rule)).json).toEqual(rule);
    }
  });
});
