import { describe, expect, it } from "vitest";
import { bucketLabel, bucketRule, bucketStart, unsetRule } from "./buckets";

const income = { field: "annual_income" };
const decimal = { type: "decimal", meaning: "money" };
const text = { type: "string", meaning: null };
const write = {
  number: String,
  money: (value: string | number) => `${value} yen`,
  percent: (ratio: number) => `${ratio * 100}%`,
  date: (value: string) => value.slice(0, 10),
  plainDate: (value: string) => value,
};

describe("the rule of a bucket", () => {
  it("takes the lower end in and leaves the upper out, but for the last bucket", () => {
    const bucket = { low: "1000000", high: "2000000" };
    expect(bucketRule("vip", income, bucket, decimal)).toEqual({
      all: [
        { segment: "vip" },
        { field: "annual_income", op: "ge", value: 1_000_000 },
        { field: "annual_income", op: "lt", value: 2_000_000 },
      ],
    });
    const last = bucketRule("vip", income, bucket, decimal, true);
    expect(last).toMatchObject({ all: [{}, {}, { op: "le", value: 2_000_000 }] });
  });

  it("names a category, and a word of a list", () => {
    const bucket = { low: "Tokyo", high: "Tokyo" };
    expect(bucketRule("vip", { field: "city" }, bucket, text)).toMatchObject({
      all: [{}, { field: "city", op: "eq", value: "Tokyo" }],
    });
    expect(
      bucketRule("vip", { field: "tags" }, bucket, { type: "strings", meaning: null }),
    ).toMatchObject({ all: [{}, { op: "has", value: "Tokyo" }] });
  });

  it("keeps text that looks like a number as text", () => {
    const bucket = { low: "001", high: "001" };
    expect(bucketRule("vip", { field: "branch" }, bucket, text)).toMatchObject({
      all: [{}, { value: "001" }],
    });
  });

  it("has none for what no rule can name", () => {
    expect(bucketRule("vip", income, { low: null, high: null }, decimal)).toBeNull();
    expect(bucketRule("vip", income, { low: "much", high: "more" }, decimal)).toBeNull();
  });

  it("finds those without a value", () => {
    expect(unsetRule("vip", income)).toEqual({
      all: [{ segment: "vip" }, { field: "annual_income", op: "is_not_set" }],
    });
  });
});

describe("the words of a bucket", () => {
  const say = (low: unknown, high: unknown, kind: { type: string; meaning: string | null }) =>
    bucketLabel({ label: "as told", low, high }, kind, write).replaceAll("\u2009", " ");

  it("follow the type and the meaning", () => {
    expect(say("0", "20", decimal)).toBe("0 yen – 20 yen");
    expect(say(20, 30, { type: "integer", meaning: null })).toBe("20 – 30");
    expect(say("2000-01-01", "2001-01-01", { type: "date", meaning: null })).toBe(
      "2000-01-01 – 2001-01-01",
    );
    expect(say(0.1, 0.1, { type: "float", meaning: "rate" })).toBe("10%");
  });

  it("are only the beginning below a bar", () => {
    const start = (low: unknown, kind: { type: string; meaning: string | null }) =>
      bucketStart({ label: "as told", low }, kind, write).replaceAll("\u2009", " ");
    expect(start("20", decimal)).toBe("20 yen –");
    expect(start("Tokyo", text)).toBe("as told");
  });

  it("are the server's for words and for what is neither", () => {
    expect(say("Tokyo", "Tokyo", text)).toBe("as told");
    expect(say(true, true, { type: "boolean", meaning: null })).toBe("as told");
  });
});
