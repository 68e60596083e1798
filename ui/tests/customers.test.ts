import { describe, expect, it } from "vitest";
import { byDay, merge } from "@/features/customers/timeline";
import type { Contact, TimelineEvent } from "@/features/customers/types";
import { ageOn, telling } from "@/features/customers/value";

function field(name: string, meaning: string | null, value: unknown, type = "string") {
  return { name, label: { ja: name, en: name }, type, scale: 0, meaning, value, masked: false };
}

function event(ts: string, dataset: string): TimelineEvent {
  return { ts, event: dataset, dataset, label: { ja: dataset, en: dataset }, fields: [] };
}

const contact = {
  id: "eng_1",
  at: "2026-11-20T01:00:00Z",
  undone_at: null,
} as Contact;

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

describe("the timeline", () => {
  const events = [event("2026-11-21T04:00:00Z", "transaction"), event("2026-11-19", "visit")];

  it("puts data and contacts in one order, the latest first", () => {
    expect(merge(events, [contact]).map((one) => one.at)).toEqual([
      "2026-11-21T04:00:00Z",
      "2026-11-20T01:00:00Z",
      "2026-11-19",
    ]);
  });

  it("keeps one kind, and leaves out what was undone", () => {
    expect(merge(events, [contact], "visit")).toHaveLength(1);
    expect(merge(events, [contact], "contacts").map((one) => one.id)).toEqual(["eng_1"]);
    expect(merge([], [{ ...contact, undone_at: "2026-11-20T01:00:05Z" }])).toEqual([]);
  });

  it("groups by the local day", () => {
    const late = event("2026-11-20T16:30:00Z", "web");
    expect(byDay(merge([late], [contact]), "Asia/Tokyo").map(([day]) => day)).toEqual([
      "2026-11-21",
      "2026-11-20",
    ]);
  });
});
