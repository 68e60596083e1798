import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, Partial } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type CatalogInfo, type DatasetInfo, type DatasetState, datasetsQuery } from "./data";

type Row = DatasetInfo & { state: DatasetState | undefined };

interface DatasetsProps {
  catalog: CatalogInfo;
  active?: string;
  onOpen: (dataset: string) => void;
}

export function Datasets({ catalog, active, onOpen }: DatasetsProps) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const states = useQuery(datasetsQuery);
  const byName = new Map(states.data?.map((one) => [one.name, one]));
  const rows: Row[] = catalog.datasets.map((one) => ({ ...one, state: byName.get(one.name) }));
  const columns: Column<Row>[] = [
    {
      id: "label",
      header: t("dataset"),
      width: 260,
      cell: (row) => (
        <>
          {row.label} <span className="muted">{row.name}</span>
        </>
      ),
    },
    { id: "kind", header: t("kind"), width: 130, cell: (row) => t(`kinds.${row.kind}`) },
    {
      id: "rows",
      header: t("rows"),
      align: "end",
      width: 130,
      cell: (row) => format.number(row.state?.rows),
    },
    {
      id: "fresh",
      header: t("freshness"),
      width: 230,
      cell: (row) => <Freshness state={row.state} />,
    },
    {
      id: "dead",
      header: t("deadLetters"),
      align: "end",
      width: 150,
      cell: (row) =>
        row.state && row.state.dead > 0 ? (
          <StatusBadge tone="warn" plain>
            {format.count(row.state.dead, "rows")}
          </StatusBadge>
        ) : (
          <span className="muted">{format.number(row.state?.dead)}</span>
        ),
    },
    {
      id: "fields",
      header: t("fields"),
      align: "end",
      width: 90,
      cell: (row) => format.number(row.fields.length),
    },
  ];
  return (
    <>
      {states.error && (
        <Partial onRetry={() => void states.refetch()}>{t("statesMissing")}</Partial>
      )}
      <DataTable
        label={t("tabs.datasets")}
        source={rowsOf(rows)}
        columns={columns}
        rowId={(row) => row.name}
        activeId={active}
        onOpen={(row) => onOpen(row.name)}
        empty={<Empty title={t("none")}>{t("noneText")}</Empty>}
      />
    </>
  );
}

/** How old a dataset is, and whether that is too old. */
export function Freshness({ state }: { state: DatasetState | undefined }) {
  const { t } = useTranslation("data");
  const format = useFormat();
  if (!state) return <span className="muted">–</span>;
  if (!state.loaded_at) return <StatusBadge tone="draft">{t("never")}</StatusBadge>;
  const age = format.relative(state.loaded_at);
  if (state.fresh === false) return <StatusBadge tone="warn">{t("old", { age })}</StatusBadge>;
  return (
    <StatusBadge tone="good" plain>
      {age}
    </StatusBadge>
  );
}
