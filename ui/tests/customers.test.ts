import { describe, expect, it } from "vitest";
import { linesOf } from "@/features/customers/timeline";
import type { Entry } from "@/features/customers/types";
import { ageOn, telling } from "@/features/customers/value";

function field(name: string, meaning: string | null, value: unknown, type = "string") {
  return { name, label: { ja: name, en: name }, type, scale: 0, meaning, value, masked: false };
}

describe("age", () => {
  it("counts whole years, the birthday included", () => {
    expect(ageOn("1980-11-21", "2026-11-21")).toBe(46);
    expect(ageOn("1980-11-22", "2026-11-21")).toBe(45);
    expect(ageOn("soon", "2026-11-21")).toBeNull();
  });
});

describe("what an event tells", () => {
  it("is two words and the money, never ids or empty values", () => {
    const fields = [
      field("transaction_no", "id", 7, "integer"),
      field("ts", null, "2026-11-21T04:00:52Z", "timestamp"),
      field("direction", "category", "out"),
      field("kind", "category", "cash"),
      field("channel", "category", "ATM"),
      field("amount", "money", "14000", "decimal"),
      field("memo", "note", ""),
      field("online", null, true, "boolean"),
    ];
    expect(telling(fields).map((one) => one.name)).toEqual(["direction", "kind", "amount"]);
  });
});

const entry = (place: string, at: string) => ({ place, at }) as Entry;

describe("the timeline", () => {
  it("puts a heading where a year and a local day begin", () => {
    const lines = linesOf(
      [
        entry("a", "2026-01-01"),
        entry("b", "2025-12-31T15:30:00Z"), // half past midnight of 1 January in Tokyo
        entry("c", "2025-12-31T14:30:00Z"),
        entry("d", "2025-12-31T01:00:00Z"),
      ],
      "Asia/Tokyo",
    );
    expect(lines.map((line) => line.id)).toEqual([
      "year-2026",
      "day-2026-01-01",
      "a",
      "b",
      "year-2025",
      "day-2025-12-31",
      "c",
      "d",
    ]);
    expect(lines.flatMap((line) => (line.kind === "entry" ? [line.last] : []))).toEqual([
      false,
      true,
      false,
      true,
    ]);
  });
});
