import { DatePickerInput, DateTimePicker } from "@mantine/dates";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "./useFormat";

interface Props {
  label?: ReactNode;
  "aria-label"?: string;
  placeholder?: string;
  size?: "xs" | "sm";
  w?: number | string;
  /** `2026-11-21`, or with a time `2026-11-21T10:00`, on the workspace's clock; null: none. */
  value: string | null;
  onChange: (value: string | null) => void;
}

/** A calendar day. */
export function DayInput({ value, onChange, ...rest }: Props) {
  const { t } = useTranslation("design");
  const { locale } = useFormat();
  return (
    <DatePickerInput
      clearable
      clearButtonProps={{ "aria-label": t("clear") }}
      valueFormat={locale === "ja" ? "YYYY年M月D日(ddd)" : "ddd D MMM YYYY"}
      popoverProps={{ withinPortal: true }}
      value={value}
      onChange={onChange}
      {...rest}
    />
  );
}

/** A day and a time. */
export function MomentInput({ value, onChange, ...rest }: Props) {
  const { t } = useTranslation("design");
  const { locale } = useFormat();
  return (
    <DateTimePicker
      clearable
      clearButtonProps={{ "aria-label": t("clear") }}
      valueFormat={locale === "ja" ? "M月D日(ddd) HH:mm" : "ddd D MMM HH:mm"}
      timePickerProps={{ format: "24h", minutesStep: 5 }}
      popoverProps={{ withinPortal: true }}
      value={value ? `${value.replace("T", " ")}:00` : null}
      onChange={(next) => onChange(next ? next.slice(0, 16).replace(" ", "T") : null)}
      {...rest}
    />
  );
}
