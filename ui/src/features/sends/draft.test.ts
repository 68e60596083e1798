import { describe, expect, it } from "vitest";
import { missing, NOBODY, stored, written } from "./draft";

const rule = { all: [{ test: [{ field: "age" }, ">=", 20] }] };

describe("a send's form", () => {
  it("asks for a name, a template and people, one after another", () => {
    expect(missing(" ", NOBODY)).toBe("name");
    expect(missing("News", NOBODY)).toBe("template");
    expect(missing("News", { ...NOBODY, template: "news" })).toBe("people");
    expect(missing("News", { ...NOBODY, template: "news", rule: { all: [] } })).toBe("people");
    expect(missing("News", { ...NOBODY, template: "news", segments: ["savers"] })).toBe(null);
  });

  it("keeps no rule that has no condition", () => {
    expect(stored({ ...NOBODY, rule: { all: [] } }).rule).toBeNull();
    expect(stored({ ...NOBODY, rule }).rule).toEqual(rule);
  });

  it("is the same text whatever the order of its members, and another one once it is changed", () => {
    const body = { ...NOBODY, template: "news", segments: ["savers"] };
    const turned = Object.fromEntries(Object.entries(body).reverse()) as typeof body;
    expect(written(turned)).toBe(written(body));
    expect(written({ ...body, at: undefined })).not.toBe(
      written({ ...body, at: "2026-12-01T01:00:00Z" }),
    );
    expect(written({ ...body, drift: 6 })).not.toBe(written(body));
  });
});
