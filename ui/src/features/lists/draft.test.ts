import { describe, expect, it } from "vitest";
import { missing, previewable } from "./draft";
import type { ListDraft } from "./types";

const DRAFT: ListDraft = {
  definition: "def_1",
  filter: null,
  priority: { kind: "fixed", level: "high" },
  top_n: null,
  assignment: { kind: "by_hand" },
  due: null,
};

describe("the draft of a list", () => {
  it("is complete as it starts", () => {
    expect(missing(DRAFT)).toEqual([]);
    expect(previewable(DRAFT)).toEqual(DRAFT);
  });

  it("takes an empty filter for none", () => {
    const draft = { ...DRAFT, filter: { all: [] } };
    expect(missing(draft)).toEqual([]);
    expect(previewable(draft).filter).toBeNull();
  });

  it("names what is unfinished and previews the rest", () => {
    const draft: ListDraft = {
      ...DRAFT,
      filter: { all: [{ field: "prefecture", op: "in", value: [] }] },
      priority: { kind: "score", parts: [] },
      assignment: { kind: "round_robin", users: [] },
      top_n: 5,
    };
    expect(missing(draft)).toEqual(["filter", "priority", "users"]);
    expect(previewable(draft)).toEqual({
      ...DRAFT,
      top_n: 5,
      priority: { kind: "fixed", level: "medium" },
    });
  });
});
