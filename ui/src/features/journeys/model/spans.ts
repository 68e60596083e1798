/** Durations and offsets as rules write them: `3d`, `2h`, `-30d`. */

export const SPAN_UNITS = ["m", "h", "d", "w", "mo", "y"] as const;
export type SpanUnit = (typeof SPAN_UNITS)[number];
export const DAY_UNITS = ["d", "w", "mo", "y"] as const satisfies readonly SpanUnit[];

export interface Span {
  count: number;
  unit: SpanUnit;
}

export function readSpan(text: string | null | undefined): Span {
  const found = /^[+-]?(\d{1,4})(mo|m|h|d|w|y)$/.exec(text ?? "");
  return found ? { count: Number(found[1]), unit: found[2] as SpanUnit } : { count: 1, unit: "d" };
}

export function writeSpan({ count, unit }: Span): string {
  return `${Math.max(1, Math.min(9999, Math.round(count) || 1))}${unit}`;
}

export type Side = "before" | "on" | "after";

/** An offset from a date: so long before it, on it, or after it. */
export function readOffset(text: string): Span & { side: Side } {
  const span = readSpan(text);
  if (span.count === 0 || !/\d/.test(text)) return { count: 1, unit: "d", side: "on" };
  return { ...span, side: text.startsWith("-") ? "before" : "after" };
}

export function writeOffset(offset: Span & { side: Side }): string {
  if (offset.side === "on") return "0d";
  return `${offset.side === "before" ? "-" : ""}${writeSpan(offset)}`;
}
