/** Do-not-contact lists from files: what was imported, by whom, and taking it back. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { type Column, DataTable } from "@/design/DataTable";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { useImports } from "./data";
import { GateTabs } from "./GateTabs";
import { ImportPanel } from "./ImportPanel";
import { NewImportPanel } from "./NewImportPanel";
import type { ImportRow } from "./types";

export const IMPORT_TONES: Record<ImportRow["state"], Tone> = {
  applying: "working",
  applied: "good",
  undone: "neutral",
};

const LOOKED_THROUGH = 1_000;

export function ImportsPage() {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const { open } = useSearch({ from: "/frame/settings/gate/imports" });
  const navigate = useNavigate({ from: "/settings/gate/imports" });
  const show = (id: string | undefined) => void navigate({ search: { open: id } });
  const rows = useImports();
  const columns: Column<ImportRow>[] = [
    { id: "name", header: t("imports.name"), cell: (row) => row.name, width: 240 },
    {
      id: "state",
      header: t("imports.state"),
      cell: (row) => (
        <StatusBadge tone={IMPORT_TONES[row.state]} plain>
          {t(`imports.is.${row.state}`)}
        </StatusBadge>
      ),
      width: 130,
    },
    { id: "at", header: t("imports.at"), cell: (row) => format.dateTime(row.at), width: 190 },
    { id: "by", header: t("imports.by"), cell: (row) => row.by.name, width: 140 },
    {
      id: "rows",
      header: t("imports.rows"),
      align: "end",
      cell: (row) => format.number(row.rows),
      width: 90,
    },
    {
      id: "stops",
      header: t("imports.stops"),
      align: "end",
      cell: (row) => format.number(row.stops),
      width: 110,
    },
    {
      id: "unmatched",
      header: t("imports.unmatched"),
      align: "end",
      cell: (row) => format.number(row.unmatched_total),
      width: 120,
    },
  ];
  let opened: ImportRow | undefined;
  for (let at = 0; open && !opened && at < Math.min(rows.total, LOOKED_THROUGH); at += 1) {
    const row = rows.rowAt(at);
    if (row?.id === open) opened = row;
  }
  return (
    <Page
      title={t("imports.title")}
      lead={t("imports.lead")}
      tabs={<GateTabs value="imports" />}
      action={<MainAction onClick={() => show("new")}>{t("imports.open")}</MainAction>}
    >
      <DataTable
        label={t("imports.title")}
        source={rows}
        columns={columns}
        rowId={(row) => row.id}
        activeId={open}
        onOpen={(row) => show(row.id)}
        empty={<Empty title={t("imports.none")}>{t("imports.noneText")}</Empty>}
      />
      {open === "new" && <NewImportPanel onClose={() => show(undefined)} onDone={show} />}
      {opened && <ImportPanel key={opened.id} row={opened} onClose={() => show(undefined)} />}
    </Page>
  );
}
