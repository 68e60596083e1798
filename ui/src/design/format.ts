/**
 * Numbers, money, dates and durations as a Japanese bank writes them, and their plain English
 * counterparts. Pure functions; components use `useFormat()`, which binds language and time zone.
 */

export type Locale = "ja" | "en";

export interface FormatContext {
  locale: Locale;
  timeZone: string;
  /** The present, so that a date of this year needs no year. */
  now: Date;
}

/** What a count counts. Japanese needs the counter word. */
export type Counter = "people" | "items" | "rows" | "lists" | "times" | "days" | "companies";

const COUNTERS: Record<Counter, { ja: string; en: readonly [string, string] }> = {
  people: { ja: "人", en: ["person", "people"] },
  items: { ja: "件", en: ["item", "items"] },
  rows: { ja: "行", en: ["row", "rows"] },
  lists: { ja: "件", en: ["list", "lists"] },
  times: { ja: "回", en: ["time", "times"] },
  days: { ja: "日", en: ["day", "days"] },
  companies: { ja: "社", en: ["company", "companies"] },
};

const DASH = "–";

/** API numbers may come as strings when they are exact decimals. */
export function toNumber(value: number | string | null | undefined): number | null {
  if (value === null || value === undefined || value === "") return null;
  const number = typeof value === "number" ? value : Number(value);
  return Number.isFinite(number) ? number : null;
}

export function number(value: number | string | null | undefined, digits = 0): string {
  const found = toNumber(value);
  if (found === null) return DASH;
  return new Intl.NumberFormat("en-US", {
    minimumFractionDigits: 0,
    maximumFractionDigits: digits,
  }).format(found);
}

/** 1,234人 / 1,234 people */
export function count(
  value: number | string | null | undefined,
  of: Counter,
  { locale }: Pick<FormatContext, "locale">,
): string {
  const found = toNumber(value);
  if (found === null) return DASH;
  const word = COUNTERS[of];
  if (locale === "ja") return `${number(found)}${word.ja}`;
  return `${number(found)} ${found === 1 ? word.en[0] : word.en[1]}`;
}

/** 12.3% */
export function percent(ratio: number | null | undefined, digits = 1): string {
  if (ratio === null || ratio === undefined || !Number.isFinite(ratio)) return DASH;
  return `${number(ratio * 100, digits)}%`;
}

function trimmed(value: number): string {
  return number(value, Math.abs(value) >= 100 ? 0 : 1);
}

/**
 * Yen. Short: 1,234万円 / ¥12.3M, 1.2億円 / ¥120M. Exact: 12,345,678円 / ¥12,345,678.
 */
export function money(
  value: number | string | null | undefined,
  { locale }: Pick<FormatContext, "locale">,
  style: "short" | "exact" = "short",
): string {
  const yen = toNumber(value);
  if (yen === null) return DASH;
  const size = Math.abs(yen);
  if (locale === "ja") {
    if (style === "short" && size >= 1e8) return `${trimmed(yen / 1e8)}億円`;
    if (style === "short" && size >= 1e4) return `${number(Math.trunc(yen / 1e4))}万円`;
    return `${number(yen)}円`;
  }
  const sign = yen < 0 ? "-" : "";
  if (style === "short" && size >= 1e9) return `${sign}¥${trimmed(size / 1e9)}B`;
  if (style === "short" && size >= 1e6) return `${sign}¥${trimmed(size / 1e6)}M`;
  if (style === "short" && size >= 1e4) return `${sign}¥${trimmed(size / 1e3)}K`;
  return `${sign}¥${number(size)}`;
}

const WEEKDAYS_JA = ["日", "月", "火", "水", "木", "金", "土"] as const;
const WEEKDAYS_EN = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"] as const;
const MONTHS_EN = [
  "Jan",
  "Feb",
  "Mar",
  "Apr",
  "May",
  "Jun",
  "Jul",
  "Aug",
  "Sep",
  "Oct",
  "Nov",
  "Dec",
] as const;

interface Parts {
  year: number;
  month: number;
  day: number;
  hour: string;
  minute: string;
  weekday: number;
}

function parts(at: Date, timeZone: string): Parts {
  const found: Record<string, string> = {};
  const format = new Intl.DateTimeFormat("en-US", {
    timeZone,
    hourCycle: "h23",
    year: "numeric",
    month: "numeric",
    day: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    weekday: "short",
  });
  for (const part of format.formatToParts(at)) found[part.type] = part.value;
  return {
    year: Number(found.year),
    month: Number(found.month),
    day: Number(found.day),
    hour: found.hour ?? "00",
    minute: found.minute ?? "00",
    weekday: WEEKDAYS_EN.indexOf(found.weekday as (typeof WEEKDAYS_EN)[number]),
  };
}

const DATE_ONLY = /^(\d{4})-(\d{2})-(\d{2})$/;

/** A calendar date ("2026-11-21") has no zone; anything else is an instant. */
function read(value: string | Date, timeZone: string): Parts | null {
  if (typeof value === "string") {
    const match = DATE_ONLY.exec(value);
    if (match) {
      const at = new Date(`${value}T00:00:00Z`);
      return Number.isNaN(at.getTime()) ? null : parts(at, "UTC");
    }
  }
  const at = value instanceof Date ? value : new Date(value);
  return Number.isNaN(at.getTime()) ? null : parts(at, timeZone);
}

/** 11月21日(土), 2025年11月21日(金) / Sat 21 Nov, Fri 21 Nov 2025 */
export function date(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  const at = read(value, context.timeZone);
  if (!at) return DASH;
  const thisYear = parts(context.now, context.timeZone).year === at.year;
  if (context.locale === "ja") {
    const year = thisYear ? "" : `${at.year}年`;
    return `${year}${at.month}月${at.day}日(${WEEKDAYS_JA[at.weekday] ?? ""})`;
  }
  const year = thisYear ? "" : ` ${at.year}`;
  return `${WEEKDAYS_EN[at.weekday] ?? ""} ${at.day} ${MONTHS_EN[at.month - 1] ?? ""}${year}`;
}

/** 11月21日(土) 14:05 / Sat 21 Nov 14:05 */
export function dateTime(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  if (typeof value === "string" && DATE_ONLY.test(value)) return date(value, context);
  const at = read(value, context.timeZone);
  if (!at) return DASH;
  return `${date(value, context)} ${at.hour}:${at.minute}`;
}

/** 11月21日 / 21 Nov: a day where the weekday has no room, such as below a chart. */
export function day(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  const at = read(value, context.timeZone);
  if (!at) return DASH;
  if (context.locale === "ja") return `${at.month}月${at.day}日`;
  return `${at.day} ${MONTHS_EN[at.month - 1] ?? ""}`;
}

/** 14:05 */
export function time(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  const at = read(value, context.timeZone);
  return at ? `${at.hour}:${at.minute}` : DASH;
}

/** 1962年4月3日 / 3 Apr 1962: a date of which the weekday says nothing, such as a birth date. */
export function plainDate(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  const at = read(value, context.timeZone);
  if (!at) return DASH;
  if (context.locale === "ja") return `${at.year}年${at.month}月${at.day}日`;
  return `${at.day} ${MONTHS_EN[at.month - 1] ?? ""} ${at.year}`;
}

const UNITS = [
  { seconds: 86_400, ja: "日", en: ["day", "days"] },
  { seconds: 3_600, ja: "時間", en: ["hour", "hours"] },
  { seconds: 60, ja: "分", en: ["minute", "minutes"] },
  { seconds: 1, ja: "秒", en: ["second", "seconds"] },
] as const;

/** The largest whole unit: 3日, 2時間 / 3 days, 2 hours. */
export function duration(
  seconds: number | null | undefined,
  { locale }: Pick<FormatContext, "locale">,
): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return DASH;
  const size = Math.abs(seconds);
  if (size > 0 && size < 1) return locale === "ja" ? "1秒未満" : "under 1 second";
  const unit = UNITS.find((one) => size >= one.seconds) ?? UNITS[3];
  const amount = Math.floor(size / unit.seconds);
  if (locale === "ja") return `${number(amount)}${unit.ja}`;
  return `${number(amount)} ${amount === 1 ? unit.en[0] : unit.en[1]}`;
}

/** 3日前, 2時間後 / 3 days ago, in 2 hours; たった今 / just now within a minute. */
export function relative(value: string | Date | null | undefined, context: FormatContext): string {
  if (!value) return DASH;
  const at = value instanceof Date ? value : new Date(value);
  if (Number.isNaN(at.getTime())) return DASH;
  const seconds = (context.now.getTime() - at.getTime()) / 1000;
  const { locale } = context;
  if (Math.abs(seconds) < 60) return locale === "ja" ? "たった今" : "just now";
  const text = duration(seconds, context);
  if (seconds >= 0) return locale === "ja" ? `${text}前` : `${text} ago`;
  return locale === "ja" ? `${text}後` : `in ${text}`;
}

/** 1.2MB */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return DASH;
  const names = ["B", "KB", "MB", "GB", "TB"];
  let size = value;
  let step = 0;
  while (size >= 1024 && step < names.length - 1) {
    size /= 1024;
    step += 1;
  }
  return `${number(size, size < 10 && step > 0 ? 1 : 0)}${names[step] ?? ""}`;
}
