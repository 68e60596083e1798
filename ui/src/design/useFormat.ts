import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import * as format from "./format";

/** The formatters of `design/format`, bound to the person's language and the workspace's zone. */
export function useFormat() {
  const { i18n } = useTranslation();
  const session = useSession();
  const timeZone = session?.workspace.timezone ?? "Asia/Tokyo";
  const locale: format.Locale = i18n.language === "en" ? "en" : "ja";
  return useMemo(() => {
    const context = (): format.FormatContext => ({ locale, timeZone, now: new Date() });
    return {
      locale,
      timeZone,
      number: format.number,
      percent: format.percent,
      bytes: format.bytes,
      count: (value: number | string | null | undefined, of: format.Counter) =>
        format.count(value, of, { locale }),
      money: (value: number | string | null | undefined, style?: "short" | "exact") =>
        format.money(value, { locale }, style),
      date: (value: string | Date | null | undefined) => format.date(value, context()),
      day: (value: string | Date | null | undefined) => format.day(value, context()),
      dateTime: (value: string | Date | null | undefined) => format.dateTime(value, context()),
      time: (value: string | Date | null | undefined) => format.time(value, context()),
      plainDate: (value: string | Date | null | undefined) => format.plainDate(value, context()),
      duration: (seconds: number | null | undefined) => format.duration(seconds, { locale }),
      relative: (value: string | Date | null | undefined) => format.relative(value, context()),
      label: (text: { ja: string; en: string } | string | null | undefined) =>
        typeof text === "string" ? text : (text?.[locale] ?? ""),
    };
  }, [locale, timeZone]);
}

export type Format = ReturnType<typeof useFormat>;
