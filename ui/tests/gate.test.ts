import { describe, expect, it } from "vitest";
import { alike } from "@/features/gate/alike";
import type { Standing } from "@/features/gate/types";
import { alike as together } from "@/features/lists/stopped";
import type { Decision, Kind } from "@/features/lists/types";
import { ruleFaults } from "@/features/policies/model/faults";
import { unmatchedCsv } from "@/features/policies/model/importFile";
import { localOf } from "@/features/policies/model/instant";
import { kindOf, weekday, weeks } from "@/features/policies/model/year";

const standing = (channel: string, purpose: string, state = "missing") =>
  ({ channel, purpose, purpose_label: purpose, state, since: null }) as Standing;

describe("consents", () => {
  it("share a line where channels stand alike for the same purposes", () => {
    const found = alike([
      standing("email", "a"),
      standing("email", "b"),
      standing("sms", "a"),
      standing("sms", "b"),
      standing("phone", "a"),
      standing("sms", "c", "given"),
    ]);
    expect(found).toEqual([
      { state: "missing", channels: ["email", "sms"], purposes: ["a", "b"] },
      { state: "missing", channels: ["phone"], purposes: ["a"] },
      { state: "given", channels: ["sms"], purposes: ["c"] },
    ]);
  });
});

describe("what stops a contact", () => {
  const kind = (code: string) => ({ code, label: code, channel: code }) as unknown as Kind;
  const decision = (answer: string, sentence: string) =>
    ({ answer, sentence, until: null, reasons: [] }) as unknown as Decision;

  it("is told once for ways that are stopped alike", () => {
    const found = together([
      { kind: kind("phone"), decision: decision("deny", "x") },
      { kind: kind("visit"), decision: decision("deny", "x") },
      { kind: kind("email"), decision: decision("needs_approval", "x") },
    ]);
    expect(found.map((one) => one.kinds.map((each) => each.code))).toEqual([
      ["phone", "visit"],
      ["email"],
    ]);
  });
});

describe("the calendar", () => {
  const day = (date: string, open: boolean, name: string | null = null) => ({
    day: date,
    open,
    name,
    opens: null,
    closes: null,
  });

  it("begins its weeks on Monday and fills them up", () => {
    expect(weekday("2026-11-23")).toBe(0);
    expect(weekday("2026-11-22")).toBe(6);
    const found = weeks([day("2026-11-01", false), day("2026-11-02", true)]);
    expect(found.map((week) => week.map((one) => one?.day ?? null))).toEqual([
      [null, null, null, null, null, null, "2026-11-01"],
      ["2026-11-02", null, null, null, null, null, null],
    ]);
    expect(weeks([])).toEqual([]);
  });

  it("marks holidays, weekends and weekends that are open", () => {
    expect(kindOf(day("2026-11-23", false, "x"))).toBe("holiday");
    expect(kindOf(day("2026-11-22", false))).toBe("weekend");
    expect(kindOf(day("2026-11-22", true))).toBe("open");
    expect(kindOf(day("2026-11-24", true))).toBeUndefined();
  });
});

describe("small things", () => {
  it("says an instant by the clock of a zone", () => {
    expect(localOf("2026-11-20T15:30:00Z", "Asia/Tokyo")).toBe("2026-11-21T00:30");
  });

  it("writes rows for a spreadsheet that runs nothing of them", () => {
    const csv = unmatchedCsv(["line"], [{ line: 2, said: '=1+"2"', sentence: "nobody" }]);
    expect(csv).toBe('\ufeff"line"\r\n"2","\'=1+""2""","nobody"\r\n');
  });

  it("finds the faults of a rule among those of its policy", () => {
    const fault = (path: string) => ({ code: "x", path, message: "", remedy: "" });
    expect(
      ruleFaults([fault("$.rule.all[0].field"), fault("$.rule"), fault("$.most")]).map(
        (one) => one.path,
      ),
    ).toEqual(["$.all[0].field", "$"]);
  });
});
