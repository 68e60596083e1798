/** Every list the reader may see: how far, until when, in what state. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay, useSession } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { ButtonLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { isBuilding, listsQuery } from "./api";
import { ListStateBadge, ProgressBar } from "./badges";
import classes from "./lists.module.css";
import type { ListSummary } from "./types";

export function ListsPage() {
  const { t } = useTranslation("lists");
  const may = useMay();
  const navigate = useNavigate();
  const { state, mine } = useSearch({ from: "/frame/lists" });
  const query = useQuery(listsQuery({ state, mine, limit: 200 }));
  const columns = useColumns();
  const shown = (query.data?.items ?? []).filter(
    (list) => state !== undefined || list.state !== "closed",
  );
  const canMake = may("lists.write");
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      fill
      action={
        canMake && (
          <MainAction
            onClick={() => void navigate({ to: "/lists/new", search: { definition: undefined } })}
          >
            {t("new")}
          </MainAction>
        )
      }
    >
      <SegmentedControl
        mb="sm"
        size="sm"
        style={{ alignSelf: "flex-start" }}
        aria-label={t("filter.label")}
        value={mine ? "mine" : (state ?? "current")}
        data={(canMake
          ? (["current", "mine", "closed"] as const)
          : (["current", "closed"] as const)
        ).map((value) => ({
          value,
          label: t(`filter.${value}`),
        }))}
        onChange={(value) =>
          void navigate({
            to: "/lists",
            search: {
              state: value === "closed" ? "closed" : undefined,
              mine: value === "mine" ? true : undefined,
            },
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
          rowHeight={44}
          rowId={(row) => row.id}
          onOpen={(row) => void navigate({ to: "/lists/$id", params: { id: row.id } })}
          empty={
            <Empty
              title={t("empty.title")}
              action={
                canMake && (
                  <ButtonLink to="/lists/new" variant="light">
                    {t("new")}
                  </ButtonLink>
                )
              }
            >
              {t(canMake ? "empty.text" : "empty.worker")}
            </Empty>
          }
        />
      )}
    </Page>
  );
}

function useColumns(): Column<ListSummary>[] {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const today = useSession()?.workspace.today ?? "";
  return [
    { id: "name", header: t("column.name"), width: 260, always: true, cell: (row) => row.name },
    {
      id: "definition",
      header: t("column.definition"),
      width: 160,
      cell: (row) => row.definition_name,
    },
    {
      id: "progress",
      header: t("column.progress"),
      width: 200,
      cell: (row) =>
        isBuilding(row.build) && row.build ? (
          <StatusBadge plain tone="working">
            {t("building.short", { percent: Math.round(row.build.progress * 100) })}
          </StatusBadge>
        ) : (
          <span className={classes.progressCell}>
            <ProgressBar {...row} />
            <span className="tabular">
              {row.total > 0 ? `${Math.round(((row.done + row.dropped) / row.total) * 100)}%` : "–"}
            </span>
          </span>
        ),
    },
    {
      id: "open",
      header: t("column.open"),
      width: 100,
      align: "end",
      cell: (row) => format.count(row.open + row.working, "people"),
    },
    {
      id: "total",
      header: t("column.total"),
      width: 100,
      align: "end",
      cell: (row) => format.count(row.total, "people"),
    },
    {
      id: "due",
      header: t("column.due"),
      width: 140,
      cell: (row) => {
        const late =
          row.due !== null && row.due < today && row.state === "open" && row.open + row.working > 0;
        if (row.due === null) return <span className="muted">{t("noDue")}</span>;
        return late ? (
          <StatusBadge plain tone="warn" title={t("late")}>
            {format.date(row.due)}
          </StatusBadge>
        ) : (
          format.date(row.due)
        );
      },
    },
    {
      id: "state",
      header: t("column.state"),
      width: 110,
      cell: (row) => <ListStateBadge state={row.state} />,
    },
    {
      id: "refreshed",
      header: t("column.refreshed"),
      cell: (row) => (row.refreshed_at ? format.relative(row.refreshed_at) : "–"),
    },
  ];
}
