import { describe, expect, it } from "vitest";
import { shares, weakest } from "./rates";

const ROW = {
  key: "",
  label: "",
  members: 200,
  attempted: 100,
  reached: 40,
  positive: 20,
  won: 10,
};

describe("the funnel of a list", () => {
  it("gives each stage its share of the one before and of all", () => {
    expect(shares(ROW).map((one) => [one.stage, one.ofBefore, one.ofAll])).toEqual([
      ["members", null, 1],
      ["attempted", 0.5, 0.5],
      ["reached", 0.4, 0.2],
      ["positive", 0.5, 0.1],
      ["won", 0.5, 0.05],
    ]);
  });

  it("has no members by day, and no shares of nothing", () => {
    expect(shares({ ...ROW, members: null })[0]?.stage).toBe("attempted");
    expect(shares({ ...ROW, members: 0, attempted: 0 })[1]).toMatchObject({
      ofBefore: null,
      ofAll: null,
    });
  });

  it("names the stage that loses most, once something has happened", () => {
    expect(weakest(ROW)).toBe("reached");
    expect(weakest({ ...ROW, attempted: 0, reached: 0, positive: 0, won: 0 })).toBeNull();
  });
});
