/** Who works the members: their relationship owners, evenly over some people, or by hand. */
import { MultiSelect, SegmentedControl, Stack } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { workersQuery } from "./api";
import type { Assignment, Definition } from "./types";

interface Props {
  value: Assignment;
  onChange: (value: Assignment) => void;
  definition: Definition;
}

export function AssignmentEditor({ value, onChange, definition }: Props) {
  const { t } = useTranslation("lists");
  const hasOwner = definition.body.columns.some((column) => column.role === "owner");
  return (
    <Stack gap="sm">
      <SegmentedControl
        size="sm"
        style={{ alignSelf: "flex-start" }}
        aria-label={t("create.step.assignment")}
        value={value.kind}
        data={(["by_hand", "owner", "round_robin"] as const).map((kind) => ({
          value: kind,
          label: t(`assignment.${kind}`),
          disabled: kind === "owner" && !hasOwner,
        }))}
        onChange={(kind) => {
          if (kind === "owner") onChange({ kind, otherwise: [] });
          else if (kind === "round_robin") onChange({ kind, users: [] });
          else onChange({ kind: "by_hand" });
        }}
      />
      <p className="muted">{t(`assignmentHelp.${value.kind}`)}</p>
      {!hasOwner && <Remark>{t("assignment.noOwner")}</Remark>}
      {value.kind === "round_robin" && (
        <Workers
          label={t("assignment.users")}
          value={value.users}
          onChange={(users) => onChange({ ...value, users })}
        />
      )}
      {value.kind === "owner" && (
        <Workers
          label={t("assignment.otherwise")}
          value={value.otherwise}
          onChange={(otherwise) => onChange({ ...value, otherwise })}
        />
      )}
    </Stack>
  );
}

function Workers(props: { label: string; value: string[]; onChange: (users: string[]) => void }) {
  const { t } = useTranslation("lists");
  const query = useQuery(workersQuery);
  return (
    <MultiSelect
      label={props.label}
      placeholder={props.value.length === 0 ? t("assignment.choose") : undefined}
      searchable
      clearable
      hidePickedOptions
      value={props.value}
      data={(query.data ?? []).map((one) => ({ value: one.id, label: one.name }))}
      nothingFoundMessage={t("assignment.nobody")}
      error={query.error ? t("assignment.failed") : undefined}
      onChange={props.onChange}
    />
  );
}
