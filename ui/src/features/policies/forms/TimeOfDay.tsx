import { TimePicker } from "@mantine/dates";
import { useTranslation } from "react-i18next";

interface Props {
  /** Shown above; with `hidden`, only for those who listen. */
  label: string;
  hidden?: boolean;
  size?: "xs" | "sm";
  /** `09:00:00`. */
  value: string;
  onChange: (value: string) => void;
}

/** Hours and minutes on a clock of 24 hours, whatever the browser is set to. */
export function TimeOfDay({ label, hidden, size, value, onChange }: Props) {
  const { t } = useTranslation("policies");
  return (
    <TimePicker
      size={size}
      w={size === "xs" ? 84 : 104}
      label={hidden ? undefined : label}
      hoursInputLabel={t("clock.hours", { label })}
      minutesInputLabel={t("clock.minutes", { label })}
      format="24h"
      value={value.slice(0, 5)}
      // While it is being typed there is no time yet.
      onChange={(next) => next && onChange(`${next.slice(0, 5)}:00`)}
    />
  );
}
