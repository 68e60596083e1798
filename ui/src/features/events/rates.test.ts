import { describe, expect, it } from "vitest";
import { firstSeen, recent, sums } from "./rates";

const web = { id: "src_1", name: "Web" };
const shop = { id: "src_2", name: "Shop" };
const now = Date.parse("2026-11-22T05:00:00Z");

describe("the pace of what comes in", () => {
  it("counts what the first look shows of the last minute", () => {
    const items = [
      { at: "2026-11-22T04:59:50Z", source: web },
      { at: "2026-11-22T04:59:20Z", source: shop },
      { at: "2026-11-22T04:59:10Z", source: web },
      { at: "2026-11-22T04:58:50Z", source: web },
    ];
    expect(sums(firstSeen(items, now))).toEqual([
      { ...web, count: 2 },
      { ...shop, count: 1 },
    ]);
  });

  it("forgets what is older than a minute", () => {
    const seen = firstSeen([{ at: "2026-11-22T04:59:50Z", source: web }], now);
    expect(sums(recent(seen, now + 49_000))).toEqual([{ ...web, count: 1 }]);
    expect(recent(seen, now + 50_000)).toEqual([]);
  });
});
