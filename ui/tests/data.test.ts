import { describe, expect, it } from "vitest";
import { browserOf } from "@/features/account/data";
import type { DatasetInfo, RelationInfo } from "@/features/data/data";
import { BOX, linesOf, place } from "@/features/data/layout";
import { readAttributes, writeAttributes } from "@/features/users/data";

function dataset(
  name: string,
  kind: string,
  subject: string | null,
  relations: Partial<RelationInfo>[] = [],
): DatasetInfo {
  return {
    name,
    kind,
    subject,
    relations: relations.map((one) => ({ source: name, via: [], many: false, ...one })),
  } as unknown as DatasetInfo;
}

const bank = [
  dataset("person", "current", "person", [
    { name: "branch", target: "branch", inverse: "people" },
    { name: "accounts", target: "account", many: true, inverse: "owner" },
    { name: "payments", target: "payment", many: true, via: ["accounts", "payments"] },
  ]),
  dataset("branch", "current", null, [
    { name: "people", target: "person", many: true, inverse: "branch" },
  ]),
  dataset("account", "current", null, [
    { name: "owner", target: "person", inverse: "accounts" },
    { name: "payments", target: "payment", many: true, inverse: "account" },
  ]),
  dataset("payment", "event", null, [{ name: "account", target: "account", inverse: "payments" }]),
  dataset("rates", "current", null),
];

describe("the picture of relations", () => {
  it("reads from what subjects point to, to what happened", () => {
    const x = new Map(place(bank).map((one) => [one.name, one.x]));
    const order = ["branch", "person", "account", "payment", "rates"].map((one) => x.get(one));
    expect(order).toEqual([0, 1, 2, 3, 4].map((step) => step * (BOX.width + BOX.gapX)));
  });

  it("draws one line for each key, and the paths beside them", () => {
    expect(linesOf(bank).map((one) => [one.id, one.path])).toEqual([
      ["person.branch", false],
      ["person.payments", true],
      ["account.owner", false],
      ["payment.account", false],
    ]);
  });

  it("breaks a long column", () => {
    const many = Array.from({ length: 20 }, (_, index) =>
      dataset(`event${index}`, "event", null, [{ name: "who", target: "person", inverse: "e" }]),
    );
    const rows = new Map<number, number>();
    for (const one of place([...bank, ...many])) rows.set(one.x, (rows.get(one.x) ?? 0) + 1);
    expect(Math.max(...rows.values())).toBeLessThanOrEqual(BOX.rows);
  });
});

describe("attributes of a user", () => {
  it("are one a line, with either colon", () => {
    expect(readAttributes("branch: 012\nstaff_code：S01")).toEqual({
      branch: "012",
      staff_code: "S01",
    });
    expect(readAttributes("branch")).toBeNull();
    expect(readAttributes(writeAttributes({ branch: "012" }))).toEqual({ branch: "012" });
  });
});

describe("the name of a browser", () => {
  it("is short, and the agent itself when unknown", () => {
    expect(
      browserOf("Mozilla/5.0 (Windows NT 10.0) AppleWebKit Chrome/140 Safari/537 Edg/140"),
    ).toBe("Edge · Windows");
    expect(browserOf("curl/8")).toBe("curl/8");
  });
});
