/** One list that was imported, and taking it back. */
import { Button, Stack } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { Facts } from "@/design/Facts";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { IMPORTS_KEY } from "./data";
import { IMPORT_TONES } from "./ImportsPage";
import type { ImportRow } from "./types";

export function ImportPanel({ row, onClose }: { row: ImportRow; onClose: () => void }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const client = useQueryClient();
  const [sure, setSure] = useState(false);
  const undo = useMutation({
    mutationFn: () => call<ImportRow>("POST", `/api/gate/imports/${row.id}/undo`),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: [...IMPORTS_KEY] });
      told(t("imports.undone", { name: row.name }));
    },
  });
  const facts = [
    { label: t("imports.at"), value: `${format.dateTime(row.at)} ${row.by.name}` },
    { label: t("imports.rows"), value: format.number(row.rows) },
    { label: t("imports.stops"), value: format.number(row.stops) },
    { label: t("imports.already"), value: format.number(row.already) },
    { label: t("imports.unmatched"), value: format.number(row.unmatched_total) },
    {
      label: t("imports.channel"),
      value: row.channel ? t(`gate:channel.${row.channel}`) : t("gate:everyChannel"),
    },
    ...(row.reason ? [{ label: t("imports.reason"), value: row.reason }] : []),
    ...(row.undone_at
      ? [
          {
            label: t("imports.undoneAt"),
            value: `${format.dateTime(row.undone_at)} ${row.undone_by?.name ?? ""}`,
          },
        ]
      : []),
  ];
  return (
    <RightPanel
      title={row.name}
      lead={
        <StatusBadge tone={IMPORT_TONES[row.state]} plain>
          {t(`imports.is.${row.state}`)}
        </StatusBadge>
      }
      onClose={onClose}
      footer={
        row.state !== "undone" && (
          <Button
            variant="default"
            loading={undo.isPending}
            onClick={() => (sure ? undo.mutate() : setSure(true))}
          >
            {sure ? t("imports.undoSure", { stops: format.number(row.stops) }) : t("imports.undo")}
          </Button>
        )
      }
    >
      <Stack gap="md">
        <Facts facts={facts} />
        {row.unmatched_lines.length > 0 && (
          <Remark tone="warn">
            {t("imports.lines", {
              lines: row.unmatched_lines.slice(0, 20).join(t("comma")),
              more: row.unmatched_total > 20 ? t("imports.andMore") : "",
            })}
          </Remark>
        )}
        {undo.error && <ErrorState error={undo.error} inline />}
      </Stack>
    </RightPanel>
  );
}
