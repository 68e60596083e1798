/** What is written in a send's form: the body as the API takes it, and whether it is whole. */
import { type JsonObject, waitingFor } from "@/features/rules";
import type { SendBody } from "./types";

export const NOBODY: SendBody = {
  template: "",
  segments: [],
  exclude: [],
  rule: null,
  holdout: null,
  sender: "",
  per_hour: null,
  at: null,
  drift: 5,
  priority: 0,
};

/** The body as it is kept: a rule without a condition is none. */
export function stored(body: SendBody): SendBody {
  const rule = ruleOf(body);
  return { ...body, rule: waitingFor(rule) === "empty" ? null : rule };
}

export function ruleOf(body: SendBody): JsonObject | null {
  return (body.rule ?? null) as JsonObject | null;
}

/** What still keeps a send from being saved: the words for it are below `form.missing`. */
export function missing(
  name: string,
  body: SendBody,
): "name" | "template" | "people" | "rule" | null {
  if (name.trim() === "") return "name";
  if (body.template === "") return "template";
  const waiting = waitingFor(ruleOf(body));
  if (waiting === "unfinished") return "rule";
  if (body.segments.length === 0 && waiting === "empty") return "people";
  return null;
}

/** The same body always gives the same text, in whatever order its members came. */
export function written(body: SendBody): string {
  return JSON.stringify(sorted(stored(body)));
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (value === null || typeof value !== "object") return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, inner]) => inner !== undefined)
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, inner]) => [name, sorted(inner)]),
  );
}
