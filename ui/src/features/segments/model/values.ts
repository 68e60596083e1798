/** Values of the rule language as the address bar keeps them. */
import type { JsonObject } from "@/features/rules";

/** More charts than this do not fit one page. */
export const CHARTS = 8;

function isValue(found: unknown): found is JsonObject {
  if (typeof found !== "object" || found === null || Array.isArray(found)) return false;
  return ["field", "related", "event"].some((key) => key in found);
}

/** The values of `?by=`; whatever is none is left out. */
export function readValues(raw: unknown): JsonObject[] | undefined {
  const found = (Array.isArray(raw) ? raw : [raw]).filter(isValue).slice(0, CHARTS);
  return found.length > 0 ? found : undefined;
}

/** A rule somebody was led here with; undefined when it is none. */
export function readRule(raw: unknown): JsonObject | undefined {
  if (typeof raw !== "object" || raw === null || Array.isArray(raw)) return undefined;
  return raw as JsonObject;
}

/** Slugs in one parameter, `a,b,c`, each once. */
export function readSlugs(text: string | undefined): string[] {
  return [...new Set((text ?? "").split(",").filter((slug) => /^[\w-]+$/.test(slug)))];
}
