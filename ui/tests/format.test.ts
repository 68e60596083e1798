import { describe, expect, it } from "vitest";
import * as format from "@/design/format";

const now = new Date("2026-11-21T05:05:00Z");
const ja = { locale: "ja", timeZone: "Asia/Tokyo", now } as const;
const en = { locale: "en", timeZone: "Asia/Tokyo", now } as const;

describe("numbers and money", () => {
  it("writes counts with their counter", () => {
    expect(format.count(1234, "people", ja)).toBe("1,234人");
    expect(format.count(1234, "people", en)).toBe("1,234 people");
    expect(format.count(1, "people", en)).toBe("1 person");
    expect(format.count(null, "people", ja)).toBe("–");
  });

  it.each([
    [12_345_678, "1,234万円", "¥12.3M"],
    [9_999, "9,999円", "¥9,999"],
    [10_000, "1万円", "¥10K"],
    [120_000_000, "1.2億円", "¥120M"],
    [-12_345_678, "-1,234万円", "-¥12.3M"],
    [0, "0円", "¥0"],
    ["500000", "50万円", "¥500K"],
  ])("writes %s yen", (yen, inJapanese, inEnglish) => {
    expect(format.money(yen, ja)).toBe(inJapanese);
    expect(format.money(yen, en)).toBe(inEnglish);
  });

  it("writes exact money", () => {
    expect(format.money(12_345_678, ja, "exact")).toBe("12,345,678円");
    expect(format.money(12_345_678, en, "exact")).toBe("¥12,345,678");
  });

  it("writes shares", () => {
    expect(format.percent(0.1234)).toBe("12.3%");
    expect(format.percent(Number.NaN)).toBe("–");
  });
});

describe("dates", () => {
  it("writes an instant in the workspace's zone", () => {
    expect(format.dateTime("2026-11-21T05:05:00Z", ja)).toBe("11月21日(土) 14:05");
    expect(format.dateTime("2026-11-21T05:05:00Z", en)).toBe("Sat 21 Nov 14:05");
    expect(format.dateTime("2026-11-20T23:30:00Z", ja)).toBe("11月21日(土) 08:30");
  });

  it("names the year only when it is another", () => {
    expect(format.date("2025-11-21", ja)).toBe("2025年11月21日(金)");
    expect(format.date("2025-11-21", en)).toBe("Fri 21 Nov 2025");
    expect(format.date("2026-12-31T16:00:00Z", ja)).toBe("2027年1月1日(金)");
  });

  it("keeps a calendar date the same in every zone", () => {
    expect(format.date("2026-11-21", { ...ja, timeZone: "America/Los_Angeles" })).toBe(
      "11月21日(土)",
    );
    expect(format.plainDate("1962-04-03", ja)).toBe("1962年4月3日");
    expect(format.plainDate("1962-04-03", en)).toBe("3 Apr 1962");
  });

  it("answers a dash to what is no date", () => {
    expect(format.date("soon", ja)).toBe("–");
    expect(format.dateTime(undefined, en)).toBe("–");
  });
});

describe("durations", () => {
  it.each([
    [3 * 86_400 + 5, "3日", "3 days"],
    [7_200, "2時間", "2 hours"],
    [60, "1分", "1 minute"],
    [0, "0秒", "0 seconds"],
    [0.4, "1秒未満", "under 1 second"],
  ])("writes %s seconds", (seconds, inJapanese, inEnglish) => {
    expect(format.duration(seconds, ja)).toBe(inJapanese);
    expect(format.duration(seconds, en)).toBe(inEnglish);
  });

  it("writes what was and what will be", () => {
    expect(format.relative("2026-11-18T05:05:00Z", ja)).toBe("3日前");
    expect(format.relative("2026-11-21T07:05:00Z", en)).toBe("in 2 hours");
    expect(format.relative("2026-11-21T05:04:30Z", ja)).toBe("たった今");
  });
});
