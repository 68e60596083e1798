/** Every list definition: its state, version, rows and purpose. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { ButtonLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Empty, ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/rules";
import { definitionsQuery } from "../lists/api";
import type { Definition } from "../lists/types";
import { DatasetBadge, StateBadge } from "./badges";

export function DefinitionsPage() {
  const { t } = useTranslation("definitions");
  const may = useMay();
  const navigate = useNavigate();
  const { state } = useSearch({ from: "/frame/definitions" });
  const query = useQuery(definitionsQuery());
  const columns = useColumns();
  const all = query.data?.items ?? [];
  const shown = state
    ? all.filter((one) => one.state === state)
    : all.filter((one) => one.state !== "retired");
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      action={
        may("definitions.write") && (
          <MainAction onClick={() => void navigate({ to: "/definitions/new" })}>
            {t("new")}
          </MainAction>
        )
      }
      fill
    >
      <SegmentedControl
        mb="sm"
        size="sm"
        style={{ alignSelf: "flex-start" }}
        aria-label={t("filter.label")}
        value={state ?? "current"}
        data={(["current", "active", "draft", "retired"] as const).map((value) => ({
          value,
          label: t(`filter.${value}`),
        }))}
        onChange={(value) =>
          void navigate({
            to: "/definitions",
            search: { state: value === "current" ? undefined : (value as Definition["state"]) },
          })
        }
      />
      {query.isPending ? (
        <Loading lines={[100, 100, 100, 100]} height={32} />
      ) : query.error ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : (
        <DataTable
          label={t("title")}
          source={rowsOf(shown)}
          columns={columns}
          rowId={(row) => row.id}
          onOpen={(row) =>
            void navigate({
              to: "/definitions/$id",
              params: { id: row.id },
              search: { tab: undefined },
            })
          }
          empty={
            <Empty
              title={t("empty.title")}
              action={
                may("definitions.write") && (
                  <ButtonLink to="/definitions/new" variant="light">
                    {t("new")}
                  </ButtonLink>
                )
              }
            >
              {t("empty.text")}
            </Empty>
          }
        />
      )}
    </Page>
  );
}

function useColumns(): Column<Definition>[] {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const purposes = useQuery(catalogQuery).data?.purposes ?? [];
  const purposeLabel = (name: string | null | undefined) =>
    name ? format.label(purposes.find((one) => one.name === name)?.label ?? name) : "–";
  return [
    { id: "name", header: t("column.name"), width: 280, always: true, cell: (row) => row.name },
    {
      id: "state",
      header: t("column.state"),
      width: 110,
      cell: (row) => <StateBadge state={row.state} />,
    },
    {
      id: "version",
      header: t("column.version"),
      width: 70,
      align: "end",
      cell: (row) => t("version", { version: row.version }),
    },
    {
      id: "purpose",
      header: t("column.purpose"),
      width: 150,
      cell: (row) => purposeLabel(row.body.purpose),
    },
    {
      id: "rows",
      header: t("column.rows"),
      width: 110,
      align: "end",
      cell: (row) => (row.dataset.rows === null ? "–" : format.count(row.dataset.rows, "people")),
    },
    {
      id: "dataset",
      header: t("column.dataset"),
      width: 200,
      cell: (row) => <DatasetBadge dataset={row.dataset} />,
    },
    {
      id: "lists",
      header: t("column.lists"),
      width: 110,
      align: "end",
      cell: (row) => format.count(row.open_lists, "lists"),
    },
  ];
}
