import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";

/** How often a segment is refreshed whole, as the API writes it. */
export const EVERY = ["30m", "1h", "4h", "12h", "1d", "7d"] as const;

interface Props {
  value: string | null;
  onChange: (value: string | null) => void;
}

/** `null`: as the product sees fit (after each load, and once a night). */
export function EverySelect({ value, onChange }: Props) {
  const { t } = useTranslation("segments");
  const options: string[] = [...EVERY];
  if (value && !options.includes(value)) options.push(value);
  return (
    <Select
      label={t("every.label")}
      description={t("every.help")}
      clearable
      placeholder={t("every.none")}
      value={value}
      data={options.map((one) => ({ value: one, label: t("every.value", everyWords(one, t)) }))}
      onChange={onChange}
    />
  );
}

/** `4h` → { length: "4時間" }. */
export function everyWords(
  every: string,
  t: (key: string, values: { count: number }) => string,
): { length: string } {
  const count = Number.parseInt(every, 10);
  const unit = every.endsWith("m") ? "minutes" : every.endsWith("h") ? "hours" : "days";
  return { length: t(`every.${unit}`, { count }) };
}
