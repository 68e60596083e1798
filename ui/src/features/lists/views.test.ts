import { describe, expect, it } from "vitest";
import { applied, readViews, viewOf, withView, writeViews } from "./views";

class Store {
  readonly kept = new Map<string, string>();
  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }
  setItem(key: string, value: string): void {
    this.kept.set(key, value);
  }
}

describe("saved views", () => {
  it("keep what the URL says, per person and list", () => {
    const store = new Store();
    const search = viewOf({ status: "open", member: 7, panel: "about", q: "" });
    expect(search).toEqual({ status: "open" });
    writeViews(store, "u1", "l1", withView([], { name: "未対応", search }));
    expect(readViews(store, "u1", "l1")).toEqual([{ name: "未対応", search: { status: "open" } }]);
    expect(readViews(store, "u2", "l1")).toEqual([]);
  });

  it("replace a view of the same name and clear other filters when applied", () => {
    const views = withView([{ name: "a", search: { q: "x" } }], {
      name: "a",
      search: { sort: "-due" },
    });
    expect(views).toHaveLength(1);
    expect(applied(views[0]?.search ?? {})).toMatchObject({
      sort: "-due",
      q: undefined,
      status: undefined,
    });
  });

  it("survive a spoiled store", () => {
    const store = new Store();
    store.setItem("enishi.views.u.l", "{not json");
    expect(readViews(store, "u", "l")).toEqual([]);
    store.setItem("enishi.views.u.l", '[{"name": 1}, {"name": "b", "search": {}}]');
    expect(readViews(store, "u", "l")).toEqual([{ name: "b", search: {} }]);
  });
});
