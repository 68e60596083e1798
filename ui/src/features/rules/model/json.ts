/** The rule language as JSON, version 1: what is stored, sent and shown in the JSON view. */

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface Envelope {
  version: 1;
  subject?: string;
  purpose?: string | null;
  rule: JsonObject;
}

/** One fault or warning of a check, at a JSON path such as `rule.all[0].value`. */
export interface Fault {
  path: string;
  code?: string;
  message: string;
  remedy?: string | null;
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** A path as its steps; understands `rule.all[0].value`, `$.all[0]`, `/all/0` and arrays. */
export function parsePath(path: string | readonly (string | number)[]): (string | number)[] {
  if (typeof path !== "string") return [...path];
  const steps: (string | number)[] = [];
  if (path.startsWith("/")) {
    for (const part of path.slice(1).split("/")) {
      const step = part.replaceAll("~1", "/").replaceAll("~0", "~");
      if (step !== "") steps.push(/^\d+$/.test(step) ? Number(step) : step);
    }
    return steps;
  }
  const token = /\[(\d+)\]|\["([^"]*)"\]|([^.[\]]+)/g;
  for (const match of path.matchAll(token)) {
    if (match[1] !== undefined) steps.push(Number(match[1]));
    else steps.push((match[2] ?? match[3]) as string);
  }
  if (steps[0] === "$") steps.shift();
  return steps.map((step) =>
    typeof step === "string" && /^\d+$/.test(step) ? Number(step) : step,
  );
}

/** Steps written as one key, for maps. */
export function pathKey(steps: readonly (string | number)[]): string {
  return steps.map((step) => (typeof step === "number" ? `[${step}]` : `.${step}`)).join("");
}

/** Whether two values say the same as JSON; the order of keys says nothing. */
export function sameJson(a: Json | undefined, b: Json | undefined): boolean {
  if (Object.is(a, b)) return true;
  if (Array.isArray(a) && Array.isArray(b)) {
    return a.length === b.length && a.every((item, i) => sameJson(item, b[i]));
  }
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every((key) => key in b && sameJson(a[key], b[key]))
  );
}
