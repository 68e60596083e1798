import { Select, Textarea, TextInput } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ROLES, type RoleName, readAttributes, rolesQuery } from "./data";

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
  const roles = useQuery(rolesQuery);
  // The id is given by Enishi; the rest is what row scopes ask of a user.
  const asked = (roles.data?.attribute_names ?? []).filter((name) => name !== "id");
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
        description={
          asked.length > 0
            ? t("attributesAsked", { names: asked.join(t("comma")) })
            : t("attributesText")
        }
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
