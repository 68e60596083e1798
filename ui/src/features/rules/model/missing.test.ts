import { describe, expect, it } from "vitest";
import type { Explained } from "../data";
import { missingOf } from "./missing";

let made = 0;
function node(kind: string, truth: boolean, children: Explained[] = []): Explained {
  made += 1;
  return { path: `${made}`, kind, truth, sentence: "", valid_until: null, children };
}

describe("what is missing", () => {
  const yes = node("test", true);
  const no = node("test", false);
  const other = node("test", false);

  it("is nothing for who is in", () => {
    expect(missingOf(node("all", true, [yes])).wants).toEqual([]);
  });

  it("is each failing condition of an all, also of one inside", () => {
    const inner = node("all", false, [yes, other]);
    expect(missingOf(node("all", false, [yes, no, inner]))).toMatchObject({
      how: "all",
      wants: [no, other],
    });
  });

  it("is one of an any, and the any as a whole inside an all", () => {
    const any = node("any", false, [no, other]);
    expect(missingOf(any)).toMatchObject({ how: "any", wants: [no, other] });
    expect(missingOf(node("all", false, [yes, any]))).toMatchObject({ how: "all", wants: [any] });
  });

  it("is the negation itself, and some of an at_least", () => {
    const not = node("not", false, [yes]);
    expect(missingOf(not).wants).toEqual([not]);
    const least = node("at_least", false, [yes, no, other]);
    expect(missingOf(least)).toMatchObject({ how: "some", wants: [no, other] });
  });
});
