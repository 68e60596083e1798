import { Select, Textarea, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { ROLES, type RoleName, readAttributes } from "./data";

export interface UserDraft {
  name: string;
  role: RoleName;
  attributes: string;
}

interface UserFormProps {
  draft: UserDraft;
  onChange: (draft: UserDraft) => void;
  disabled?: boolean;
}

/** Name, role and attributes of a user: the same in an invitation and in a change. */
export function UserForm({ draft, onChange, disabled }: UserFormProps) {
  const { t } = useTranslation("users");
  return (
    <>
      <TextInput
        label={t("name")}
        value={draft.name}
        disabled={disabled}
        onChange={(event) => onChange({ ...draft, name: event.currentTarget.value })}
      />
      <Select
        label={t("role")}
        description={t(`roleText.${draft.role}`)}
        value={draft.role}
        allowDeselect={false}
        disabled={disabled}
        data={ROLES.map((role) => ({ value: role, label: t(`app:role.${role}`) }))}
        onChange={(value) => onChange({ ...draft, role: (value as RoleName | null) ?? draft.role })}
      />
      <Textarea
        label={t("attributes")}
        description={t("attributesText")}
        autosize
        minRows={2}
        disabled={disabled}
        value={draft.attributes}
        error={readAttributes(draft.attributes) === null ? t("attributesWrong") : undefined}
        onChange={(event) => onChange({ ...draft, attributes: event.currentTarget.value })}
      />
    </>
  );
}
