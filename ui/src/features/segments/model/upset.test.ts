import { describe, expect, it } from "vitest";
import { layUpset, pairTable, ruleOf } from "./upset";

const sizes = { app: 30, kanto: 100, young: 30 };

describe("the parts of an UpSet plot", () => {
  const plot = layUpset(sizes, [
    { slugs: ["young"], size: 5 },
    { slugs: ["kanto", "app"], size: 20 },
    { slugs: ["kanto"], size: 60 },
    { slugs: ["app", "young"], size: 5 },
    { slugs: ["kanto", "young"], size: 0 },
  ]);

  it("has the sets by size, equals by name", () => {
    expect(plot.rows.map((row) => row.slug)).toEqual(["kanto", "app", "young"]);
    expect(plot.rows.map((row) => row.share)).toEqual([1, 0.3, 0.3]);
  });

  it("has the combinations with people in them, largest first, fewer sets before more", () => {
    expect(plot.columns.map((one) => one.slugs)).toEqual([
      ["kanto"],
      ["kanto", "app"],
      ["young"],
      ["app", "young"],
    ]);
    expect(plot.columns[1]).toMatchObject({
      share: 20 / 60,
      marks: [true, true, false],
      from: 0,
      to: 1,
    });
  });

  it("joins the first and the last mark, also over rows that are not in it", () => {
    const [only] = layUpset(sizes, [{ slugs: ["young", "kanto"], size: 1 }]).columns;
    expect(only).toMatchObject({ marks: [true, false, true], from: 0, to: 2 });
  });

  it("says how many combinations are left out", () => {
    const many = layUpset(
      sizes,
      [1, 2, 3].map((size) => ({ slugs: ["kanto"], size })),
      2,
    );
    expect(many.columns.map((one) => one.size)).toEqual([3, 2]);
    expect(many.hidden).toBe(1);
  });

  it("stands with nobody in any set", () => {
    const none = layUpset({ a: 0, b: 0 }, []);
    expect(none.columns).toEqual([]);
    expect(none.rows.map((row) => row.share)).toEqual([0, 0]);
  });
});

describe("the rule behind a column", () => {
  it("is in these and in none of the others", () => {
    expect(ruleOf(["app"], ["kanto", "app", "young"])).toEqual({
      all: [{ segment: "app" }, { not: { segment: "kanto" } }, { not: { segment: "young" } }],
    });
  });
});

describe("the table of pairs", () => {
  it("reads a pair in either order and a set with itself", () => {
    const both = pairTable(sizes, [{ a: "app", b: "kanto", both: 20 }]);
    expect([both("app", "kanto"), both("kanto", "app"), both("kanto", "kanto")]).toEqual([
      20, 20, 100,
    ]);
    expect(both("app", "young")).toBe(0);
  });
});
