import { Button, JsonInput, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { ApiError } from "@/client/errors";
import { call } from "@/client/http";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { checkQuery, PII_LEVELS, type Pii, type RoleRow, rolesQuery } from "./data";
import styles from "./Roles.module.css";

/** Undefined: not JSON. Null: no rule, every row. */
export function readRule(text: string): unknown {
  if (text.trim() === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

export function RolePanel({ role, onClose }: { role: RoleRow; onClose: () => void }) {
  const { t } = useTranslation("users");
  const may = useMay();
  const client = useQueryClient();
  const [pii, setPii] = useState<Pii>(role.pii);
  const [text, setText] = useState(role.scope ? JSON.stringify(role.scope, null, 2) : "");
  const [asked] = useDebouncedValue(text, 300);
  const rule = readRule(text);
  const checkable = readRule(asked);
  const check = useQuery({
    ...checkQuery(checkable),
    enabled: checkable !== null && checkable !== undefined && may("rules.preview"),
  });
  const save = useMutation({
    mutationFn: () => call("PATCH", `/api/roles/${role.name}`, { body: { scope: rule, pii } }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: rolesQuery.queryKey });
      told(t("roles.saved", { role: t(`app:role.${role.name}`) }));
    },
  });
  const writable = may("users.write");
  return (
    <RightPanel
      title={t(`app:role.${role.name}`)}
      lead={t(`roleText.${role.name}`)}
      onClose={onClose}
      footer={
        writable && (
          <Button
            loading={save.isPending}
            disabled={rule === undefined || check.data?.ok === false}
            onClick={() => save.mutate()}
          >
            {t("save")}
          </Button>
        )
      }
    >
      <Stack gap="md">
        <div>
          <Text size="sm" fw={500} mb={4}>
            {t("roles.pii")}
          </Text>
          <SegmentedControl
            fullWidth
            aria-label={t("roles.pii")}
            value={pii}
            disabled={!writable}
            onChange={(value) => setPii(value as Pii)}
            data={PII_LEVELS.map((level) => ({ value: level, label: t(`pii.${level}`) }))}
          />
          <Text size="xs" c="dimmed" mt={4}>
            {t(`piiText.${pii}`)}
          </Text>
        </div>
        <div>
          <Text size="sm" fw={500} mb={4}>
            {t("roles.scope")}
          </Text>
          <div className={styles.sentence} aria-live="polite">
            {rule === null && t("roles.everyRow")}
            {rule === undefined && t("roles.notJson")}
            {rule !== null && rule !== undefined && (check.data?.sentence || t("roles.ruleSet"))}
          </div>
        </div>
        {check.data && !check.data.ok && (
          <ErrorState
            inline
            error={
              new ApiError(422, {
                code: "invalid",
                message: t("roles.faulty"),
                remedy: t("roles.faultyRemedy"),
                faults: check.data.faults,
                detail: {},
              })
            }
          />
        )}
        <JsonInput
          label={t("roles.rule")}
          description={t("roles.ruleText")}
          autosize
          minRows={6}
          maxRows={20}
          formatOnBlur
          readOnly={!writable}
          value={text}
          onChange={setText}
          styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", fontSize: 12 } }}
        />
        <Remark>{t("roles.grants")}</Remark>
        {save.error && <ErrorState error={save.error} inline />}
      </Stack>
    </RightPanel>
  );
}
