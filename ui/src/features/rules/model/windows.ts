/** Lengths, offsets and windows of time: reading, writing, and saying them. */
import type { DateRef, Window } from "./blocks";

export type Unit = "m" | "h" | "d" | "w" | "mo" | "y";
export const UNITS: readonly Unit[] = ["d", "w", "mo", "y", "h", "m"];
/** Units that mean something on a date (minutes and hours do not). */
export const DAY_UNITS: readonly Unit[] = ["d", "w", "mo", "y"];

export const CALENDAR_NAMES = [
  "today",
  "yesterday",
  "tomorrow",
  "this_week",
  "last_week",
  "next_week",
  "this_month",
  "last_month",
  "next_month",
  "this_quarter",
  "last_quarter",
  "next_quarter",
  "this_year",
  "last_year",
  "next_year",
  "this_fiscal_quarter",
  "last_fiscal_quarter",
  "this_fiscal_year",
  "last_fiscal_year",
] as const;

export interface Length {
  amount: number;
  unit: Unit;
}

/** "30d" → 30 days; null when it is no length. */
export function parseLength(text: string): Length | null {
  const match = /^([+-]?\d+)(mo|[mhdwy])$/.exec(text.trim());
  if (!match) return null;
  return { amount: Number(match[1]), unit: match[2] as Unit };
}

export function writeLength({ amount, unit }: Length): string {
  return `${amount}${unit}`;
}

/** The translate function of i18next, as far as it is needed here. */
export type Translate = (key: string, values?: Record<string, unknown>) => string;

export function lengthText(text: string, t: Translate): string {
  const length = parseLength(text);
  if (!length) return text;
  return t(`window.length.${length.unit}`, { count: Math.abs(length.amount) });
}

/** "-30d" → 30日前 / 30 days ago; "0d" → 今日 / today. */
export function offsetText(base: "today" | "now", offset: string, t: Translate): string {
  const length = parseLength(offset);
  if (!length || length.amount === 0) return t(`window.${base}`);
  const amount = lengthText(offset, t);
  return length.amount < 0
    ? t("window.ago", { length: amount })
    : t("window.ahead", { length: amount });
}

export function dateRefText(ref: DateRef, t: Translate): string {
  return ref.kind === "fixed" ? ref.text : offsetText(ref.kind, ref.offset, t);
}

/** A window in words, in the language of `t`. */
export function windowText(window: Window, t: Translate): string {
  switch (window.kind) {
    case "last":
      return t("window.last", { length: lengthText(window.length, t) });
    case "next":
      return t("window.next", { length: lengthText(window.length, t) });
    case "calendar":
      return t(`window.calendar.${window.name}`);
    case "between": {
      const from = window.from ? dateRefText(window.from, t) : null;
      const to = window.to ? dateRefText(window.to, t) : null;
      if (from && to) return t("window.fromTo", { from, to });
      if (from) return t("window.from", { from });
      return to ? t("window.until", { to }) : t("window.any");
    }
  }
}
