import { describe, expect, it } from "vitest";
import { sparkPoints } from "@/design/Spark";
import { missingOf, NO_RANK, rankBody, rankDraft } from "./draft";
import { faultsAt } from "./faults";
import { lived, sinceBirth } from "./trend";
import { readRule, readSlugs, readValues } from "./values";

const rule = { all: [{ field: "age", op: "ge", value: 20 }] };

describe("what is missing of a segment", () => {
  it("is the rule, the value to rank by, and the group of one per group", () => {
    expect(missingOf("dynamic", { all: [] }, NO_RANK)).toEqual(["rule"]);
    expect(missingOf("dynamic", rule, NO_RANK)).toEqual([]);
    expect(missingOf("ranked", rule, NO_RANK)).toEqual(["rankValue"]);
    expect(missingOf("one_per_group", rule, { ...NO_RANK, value: { field: "age" } })).toEqual([
      "rankGroup",
    ]);
  });
});

describe("a ranking", () => {
  const draft = { ...NO_RANK, value: { field: "age" }, n: 50, group: { field: "branch" } };

  it("is sent only for kinds that rank, and one per group takes one", () => {
    expect(rankBody("dynamic", draft)).toBeNull();
    expect(rankBody("ranked", draft)).toMatchObject({ n: 50, group: { field: "branch" } });
    expect(rankBody("one_per_group", draft)).toMatchObject({ n: 1 });
  });

  it("comes back as it was sent", () => {
    expect(rankDraft(rankBody("ranked", draft))).toEqual(draft);
    expect(rankDraft(null)).toEqual(NO_RANK);
  });
});

describe("a trend", () => {
  const day = (n: number) => `2026-11-0${n}`;
  const trend = {
    sizes: [1, 2, 3].map((n) => ({ day: day(n), size: n === 3 ? 7 : 0 })),
    flows: [1, 2, 3].map((n) => ({ day: day(n), entered: n === 3 ? 7 : 0, left: 0 })),
  };

  it("begins on the day the segment was made", () => {
    expect(sinceBirth(trend, day(2)).sizes.map((one) => one.day)).toEqual([day(2), day(3)]);
  });

  it("begins sooner when somebody was in sooner", () => {
    expect(sinceBirth(trend, "2026-12-01").flows.map((one) => one.day)).toEqual([day(3)]);
  });

  it("is empty before anything happened", () => {
    const still = { sizes: trend.sizes.slice(0, 2), flows: trend.flows.slice(0, 2) };
    expect(sinceBirth(still, day(3))).toEqual({ sizes: [], flows: [] });
  });
});

describe("the address bar", () => {
  it("keeps values and drops what is none", () => {
    expect(readValues([{ field: "age" }, 3, null, { colour: "red" }])).toEqual([{ field: "age" }]);
    expect(readValues({ event: "purchase" })).toEqual([{ event: "purchase" }]);
    expect(readValues("age")).toBeUndefined();
    expect(readValues(Array.from({ length: 20 }, () => ({ field: "age" })))).toHaveLength(8);
  });

  it("keeps a rule and slugs, each once", () => {
    expect(readRule({ all: [] })).toEqual({ all: [] });
    expect(readRule("all")).toBeUndefined();
    expect(readSlugs("vip,app,vip,<b>")).toEqual(["vip", "app"]);
    expect(readSlugs(undefined)).toEqual([]);
  });
});

describe("faults of what was sent", () => {
  const at = (path: string) => ({ path, code: "x", message: "", remedy: "" });

  it("belong to the part whose path they are below", () => {
    const faults = ["$.rule.all[0]", "$.rule", "$.rank.value", "$.rank.group", "$.ruled"].map(at);
    expect(faultsAt(faults, "rule").map((one) => one.path)).toEqual(["$.rule.all[0]", "$.rule"]);
    expect(faultsAt(faults, "rank.value").map((one) => one.path)).toEqual(["$.rank.value"]);
  });
});

describe("a spark", () => {
  it("stays inside its box, and a level line in its middle", () => {
    expect(sparkPoints([0, 10], 64, 20)).toBe("2.0,18.0 62.0,2.0");
    expect(sparkPoints([5, 5], 64, 20)).toBe("2.0,10.0 62.0,10.0");
    expect(lived([0, 0, 3, 0])).toEqual([3, 0]);
    expect(lived([0, 0])).toEqual([]);
  });
});
