import { describe, expect, it } from "vitest";
import { lineOf, readCode, writeCode } from "./code";
import type { JsonObject } from "./json";

const RULE: JsonObject = {
  all: [
    { field: "prefecture", op: "in", value: ["東京都", "no", "1e3", "2026-04-01"] },
    { field: "amount", op: "gt", value: 10000000.5 },
    { not: { segment: "do-not-visit" } },
  ],
};

describe("a rule as text", () => {
  it.each(["json", "yaml"] as const)("is the same after %s", (language) => {
    expect(readCode(writeCode(RULE, language), language)).toEqual({ rule: RULE });
  });

  it("is read out of its envelope", () => {
    const text = writeCode({ version: 1, purpose: "cards", rule: RULE }, "yaml");
    expect(readCode(text, "yaml")).toEqual({ rule: RULE });
  });

  it("tells the line that cannot be read", () => {
    expect(readCode('{\n  "all": [\n    {"field": }\n  ]\n}', "json")).toMatchObject({ line: 3 });
    expect(readCode('{\n  "all": [],\n}', "json")).toMatchObject({ line: 3 });
    expect(readCode("all:\n  - field: a\n   op: b\n", "yaml")).toMatchObject({ line: 3 });
    expect(readCode("all:\n- x\nall:\n- y\n", "yaml")).toMatchObject({ line: 3 });
    expect(readCode("- a\n- b\n", "yaml")).toEqual({ line: 1, column: 1, reason: null });
  });

  it("finds the line of a fault", () => {
    const text = writeCode(RULE, "yaml");
    const at = (path: string) => text.split("\n")[lineOf(text, path) - 1];
    expect(at("$.rule.all[1].value")).toContain("10000000.5");
    expect(at("$.all[2].not")).toContain("do-not-visit");
    expect(at("$.all[1].nowhere.at.all")).toContain("amount");
    expect(lineOf(text, "$.purpose")).toBe(1);
  });
});
