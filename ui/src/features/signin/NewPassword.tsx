import { PasswordInput } from "@mantine/core";
import { useTranslation } from "react-i18next";

interface NewPasswordProps {
  value: string;
  again: string;
  onValue: (value: string) => void;
  onAgain: (value: string) => void;
}

/** A new password, typed twice. */
export function NewPassword({ value, again, onValue, onAgain }: NewPasswordProps) {
  const { t } = useTranslation("signin");
  const differs = again !== "" && again !== value;
  return (
    <>
      <PasswordInput
        label={t("newPassword")}
        description={t("newPasswordHint")}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={value}
        onChange={(event) => onValue(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
      />
      <PasswordInput
        label={t("again")}
        autoComplete="new-password"
        required
        withAsterisk={false}
        value={again}
        error={differs ? t("differs") : undefined}
        onChange={(event) => onAgain(event.currentTarget.value)}
        visibilityToggleButtonProps={{ "aria-label": t("showPassword") }}
      />
    </>
  );
}
