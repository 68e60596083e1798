/** The curated dataset of a definition: how many rows, how fresh, and some of them. */
import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { rowsOf } from "@/client/pages";
import { DataTable } from "@/design/DataTable";
import { Remark } from "@/design/StatusBadge";
import { Empty, ErrorState, Loading, LongWork } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Count } from "@/features/rules";
import { isPreparing } from "../lists/api";
import type { DatasetPage, Definition } from "../lists/types";
import { CellValue, columnAlign, columnWidth } from "../lists/Value";
import { DatasetBadge } from "./badges";
import { datasetQuery } from "./queries";

export function DatasetTab({ definition, dirty }: { definition: Definition; dirty: boolean }) {
  const { t } = useTranslation("definitions");
  const { dataset } = definition;
  if (definition.state === "draft") {
    return <Empty title={t("dataset.draft")}>{t("dataset.draftText")}</Empty>;
  }
  if (isPreparing(definition)) {
    return <LongWork label={t("dataset.building")} done={dataset.rows ?? 0} total={null} />;
  }
  return (
    <>
      {dirty && <Remark>{t("dataset.dirty")}</Remark>}
      {dataset.state === "failed" && <Remark tone="warn">{dataset.message}</Remark>}
      {dataset.rows !== null && <Count value={dataset.rows} />}
      <p>
        <DatasetBadge dataset={dataset} />
      </p>
      <Rows definition={definition} />
    </>
  );
}

function Rows({ definition }: { definition: Definition }) {
  const { t } = useTranslation("definitions");
  const query = useQuery(datasetQuery(definition.id, definition.dataset.rows));
  if (query.isPending) return <Loading lines={[100, 100, 100, 100]} height={32} />;
  if (query.error) return <ErrorState error={query.error} onRetry={() => void query.refetch()} />;
  return <Table page={query.data} label={t("tab.data")} />;
}

function Table({ page, label }: { page: DatasetPage; label: string }) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const navigate = useNavigate();
  return (
    <>
      <DataTable
        label={label}
        source={rowsOf(page.items)}
        rowId={(row) => row.id}
        onOpen={(row) => void navigate({ to: `/customers/${row.id}` as string })}
        columns={[
          {
            id: "display",
            header: t("dataset.person"),
            width: 180,
            always: true,
            cell: (row) => row.display,
          },
          ...page.columns.map((column) => ({
            id: column.name,
            header: column.label,
            width: columnWidth(column),
            align: columnAlign(column),
            cell: (row: DatasetPage["items"][number]) => (
              <CellValue column={column} value={row.values[column.name]} />
            ),
          })),
        ]}
      />
      {page.total !== null && page.total > page.items.length && (
        <p className="muted">
          {t("dataset.some", {
            shown: format.number(page.items.length),
            total: format.count(page.total, "people"),
          })}
        </p>
      )}
    </>
  );
}
