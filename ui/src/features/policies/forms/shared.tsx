import { Select, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";

const APPROVERS = ["manager", "administrator"] as const;
export type Approver = (typeof APPROVERS)[number];

/** Who may approve. */
export function RoleSelect({
  value,
  onChange,
}: {
  value: Approver | undefined;
  onChange: (value: Approver) => void;
}) {
  const { t } = useTranslation("policies");
  return (
    <Select
      label={t("form.by")}
      w={200}
      allowDeselect={false}
      value={value ?? "manager"}
      data={APPROVERS.map((role) => ({ value: role, label: t(`app:role.${role}`) }))}
      onChange={(role) => role && onChange(role as Approver)}
    />
  );
}

/** Whether the asker herself may not approve, whatever her role. */
export function AnotherSwitch({
  value,
  onChange,
}: {
  value: boolean | undefined;
  onChange: (value: boolean) => void;
}) {
  const { t } = useTranslation("policies");
  return (
    <Switch
      label={t("form.another")}
      checked={value ?? false}
      onChange={(event) => onChange(event.currentTarget.checked)}
    />
  );
}
