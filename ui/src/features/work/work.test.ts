import { describe, expect, it } from "vitest";
import { dropDraft, emptyDraft, isEmpty, keepDraft, readDraft } from "./drafts";
import { strokeOf } from "./keys";
import { after, instantOf, quickTimes } from "./next";

class Store {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
  removeItem(key: string): void {
    this.kept.delete(key);
  }
}

describe("drafts", () => {
  it("survive with the key that makes saving them twice harmless", () => {
    const store = new Store();
    const draft = { ...emptyDraft("key-1"), note: "折り返し希望", kind: "call" };
    keepDraft(store, "u", "l", 1, draft);
    expect(readDraft(store, "u", "l", 1)).toEqual(draft);
    expect(readDraft(store, "u", "l", 2)).toBeNull();
    expect(readDraft(store, "other", "l", 1)).toBeNull();
    dropDraft(store, "u", "l", 1);
    expect(readDraft(store, "u", "l", 1)).toBeNull();
  });

  it("are forgotten when emptied, and a spoiled one is no draft", () => {
    const store = new Store();
    keepDraft(store, "u", "l", 1, { ...emptyDraft("k"), note: "x" });
    keepDraft(store, "u", "l", 1, emptyDraft("k"));
    expect(store.kept.size).toBe(0);
    store.setItem("enishi.draft.u.l.1", "{");
    expect(readDraft(store, "u", "l", 1)).toBeNull();
    expect(isEmpty({ ...emptyDraft("k"), note: "  " })).toBe(true);
  });
});

describe("keys", () => {
  const free = {
    metaKey: false,
    ctrlKey: false,
    altKey: false,
    isComposing: false,
    typing: false,
    onControl: false,
  };

  it.each([
    ["j", { do: "next" }],
    ["k", { do: "previous" }],
    ["c", { do: "kind", channel: "phone" }],
    ["v", { do: "kind", channel: "visit" }],
    ["m", { do: "kind", channel: "email" }],
    ["3", { do: "outcome", number: 3 }],
    ["n", { do: "note" }],
    ["Enter", { do: "save" }],
    ["0", null],
    ["x", null],
  ])("%s", (key, stroke) => {
    expect(strokeOf({ ...free, key })).toEqual(stroke);
  });

  it("leave typing, Japanese input and other shortcuts alone", () => {
    expect(strokeOf({ ...free, key: "j", typing: true })).toBeNull();
    expect(strokeOf({ ...free, key: "Enter", typing: true })).toBeNull();
    expect(strokeOf({ ...free, key: "Enter", isComposing: true, metaKey: true })).toBeNull();
    expect(strokeOf({ ...free, key: "c", ctrlKey: true })).toBeNull();
    expect(strokeOf({ ...free, key: "Enter", onControl: true })).toBeNull();
    expect(strokeOf({ ...free, key: "Enter", typing: true, metaKey: true })).toEqual({
      do: "save",
    });
  });
});

describe("what comes next", () => {
  it("is the following member, then the first, never the same", () => {
    expect(after([1, 2, 3], 2)).toBe(3);
    expect(after([1, 2, 3], 3)).toBe(1);
    expect(after([1], 1)).toBeNull();
    expect(after([4, 5], 9)).toBe(4);
    expect(after([], 9)).toBeNull();
  });

  it("reads a wall clock in the workspace's zone as an instant", () => {
    expect(instantOf("2026-11-23T10:00", "Asia/Tokyo")).toBe("2026-11-23T01:00:00.000Z");
    expect(instantOf("2026-07-01T10:00", "Europe/Berlin")).toBe("2026-07-01T08:00:00.000Z");
  });

  it("offers times in the workspace's zone on working days", () => {
    // Friday 20 November 2026, 15:00 in Tokyo.
    const times = quickTimes(new Date("2026-11-20T06:00:00Z"), "Asia/Tokyo");
    expect(times.map((one) => [one.id, one.value])).toEqual([
      ["hour", "2026-11-20T16:00"],
      ["tomorrow", "2026-11-23T10:00"],
      ["week", "2026-11-27T10:00"],
    ]);
  });
});
