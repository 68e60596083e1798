import { describe, expect, it } from "vitest";
import { flag, oneOf, returnPath, set, text, whole, writeSet } from "@/app/search";
import { fileName, withQuery } from "@/client/http";
import { pagesOf } from "@/client/pages";
import { nextSort, readSort, writeSort } from "@/design/sort";

describe("what the address bar holds", () => {
  it("is read as the right type, or left out", () => {
    expect(text(12)).toBe("12");
    expect(text({})).toBeUndefined();
    expect(oneOf("x", ["a", "b"] as const)).toBeUndefined();
    expect(oneOf("a", ["a", "b"] as const)).toBe("a");
    expect(flag("true")).toBe(true);
    expect(flag("no")).toBeUndefined();
    expect(whole("-1")).toBeUndefined();
    expect(whole("20")).toBe(20);
  });

  it("keeps sets and sorts", () => {
    expect(writeSet(set("a,b"))).toBe("a,b");
    expect(writeSet(set(undefined))).toBeUndefined();
    expect(writeSort(readSort("-due"))).toBe("-due");
    expect(nextSort(nextSort(nextSort(null, "a"), "a"), "a")).toBeNull();
  });

  it("never sends somebody to another site after signing in", () => {
    expect(returnPath("/lists/1?sort=-due")).toBe("/lists/1?sort=-due");
    for (const bad of [
      "//evil.example",
      "https://evil.example",
      "/\\evil.example",
      "javascript:1",
      7,
    ]) {
      expect(returnPath(bad)).toBe("/");
    }
    expect(returnPath("/sign-in?return=/x")).toBe("/");
  });
});

describe("requests", () => {
  it("leave out what is not asked", () => {
    expect(withQuery("/api/x", { q: "山田", limit: 5, empty: "", none: undefined })).toBe(
      "/api/x?q=%E5%B1%B1%E7%94%B0&limit=5",
    );
  });

  it("read the name of a file", () => {
    expect(
      fileName("attachment; filename=\"a.csv\"; filename*=UTF-8''%E6%BA%80%E6%9C%9F.csv"),
    ).toBe("満期.csv");
    expect(fileName('attachment; filename="list.xlsx"')).toBe("list.xlsx");
  });

  it("fetch the pages in sight, and no more", () => {
    expect(pagesOf(0, 30, 100)).toEqual([0]);
    expect(pagesOf(95, 130, 100)).toEqual([0, 1]);
    expect(pagesOf(900_000, 900_040, 100)).toEqual([9000]);
  });
});
