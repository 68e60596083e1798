import { expect, test } from "vitest";
import { alike, shared } from "./stopped";
import type { Decision, Kind } from "./types";

const reason = (code: string, sentence = code) => ({
  code,
  sentence,
  restriction_id: "",
  answer: "deny",
});
const stopped = (kind: string, ...reasons: ReturnType<typeof reason>[]) => ({
  kind: { code: kind, label: kind } as Kind,
  decision: {
    answer: "deny",
    sentence: reasons.map((one) => one.sentence).join(),
    until: null,
    reasons,
  } as unknown as Decision,
});

test("what stops every way is told once, the rest by its ways", () => {
  const groups = alike([
    stopped("call", reason("hold"), reason("consent", "by phone")),
    stopped("mail", reason("hold"), reason("consent", "by e-mail")),
    stopped("visit", reason("hold")),
    stopped("meeting", reason("hold")),
  ]);
  const { common, rest } = shared(groups);
  expect(common.map((one) => one.code)).toEqual(["hold"]);
  const told = rest.map((one) => [
    one.kinds.map((kind) => kind.code),
    one.decision.reasons.map((each) => each.sentence),
  ]);
  expect(told).toEqual([
    [["call"], ["by phone"]],
    [["mail"], ["by e-mail"]],
  ]);
});
