import { describe, expect, it } from "vitest";
import { formatFor, freeName, newBody, slugOf } from "./words";

describe("what a chosen value suggests", () => {
  it("is a name that nobody has yet", () => {
    expect(freeName({ field: "balance" }, [])).toBe("balance");
    expect(freeName({ field: "branch.region" }, ["Branch_Region"])).toBe("branch_region_2");
    expect(freeName({ related: "owned_accounts.transactions" }, [])).toBe(
      "owned_accounts_transactions",
    );
    expect(freeName({ event: "*" }, ["value"])).toBe("value_2");
  });

  it("is a format by meaning first, then by type", () => {
    expect(formatFor("decimal", "money")).toBe("money");
    expect(formatFor("string", "phone")).toBe("phone");
    expect(formatFor("decimal", null)).toBe("number");
    expect(formatFor("timestamp", null)).toBe("datetime");
    expect(formatFor("string", "person_name")).toBe("text");
  });

  it("is a slug that the API accepts", () => {
    expect(slugOf("Maturing deposits (2026)")).toBe("maturing-deposits-2026");
    expect(slugOf("3rd Follow-up")).toBe("rd-follow-up");
    expect(slugOf("満期案内")).toBe("");
  });
});

describe("a new definition", () => {
  it("has a status of every meaning, and outcomes that lead to statuses that exist", () => {
    const body = newBody({ ja: "あ", en: "a" }, "person", null);
    expect(new Set(body.statuses.map((one) => one.meaning))).toEqual(
      new Set(["open", "working", "done", "dropped"]),
    );
    const codes = new Set(body.statuses.map((one) => one.code));
    for (const outcome of body.outcomes) {
      if (outcome.status) expect(codes).toContain(outcome.status);
    }
  });
});
