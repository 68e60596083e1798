import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Source, sourcesQuery } from "./data";
import { EventsTabs } from "./EventsTabs";
import { NewSourcePanel } from "./NewSourcePanel";
import type { OpenSearch } from "./routes";
import { SourcePanel } from "./SourcePanel";

/** Who may send events, and with which key. */
export function SourcesPage() {
  const { t } = useTranslation("events");
  const may = useMay();
  const search = useSearch({ from: "/frame/events/sources" });
  const navigate = useNavigate({ from: "/events/sources" });
  const sources = useQuery(sourcesQuery);
  const open = (id: string | undefined) =>
    void navigate({ search: (old: OpenSearch) => ({ ...old, open: id }) });
  const make = <MainAction onClick={() => open("new")}>{t("sources.make")}</MainAction>;
  return (
    <Page
      title={t("title")}
      lead={t("sources.lead")}
      tabs={<EventsTabs value="sources" />}
      action={may("events.write") && make}
    >
      <Ready query={sources}>
        {(found) => (
          <Table rows={found.items} active={search.open} onOpen={(one) => open(one.id)} />
        )}
      </Ready>
      {search.open === "new" && (
        <NewSourcePanel
          url={sources.data?.url ?? ""}
          onClose={() => open(undefined)}
          onMade={open}
        />
      )}
      {search.open && search.open !== "new" && sources.data && (
        <SourcePanel
          key={search.open}
          source={sources.data.items.find((one) => one.id === search.open)}
          url={sources.data.url}
          onClose={() => open(undefined)}
        />
      )}
    </Page>
  );
}

interface TableProps {
  rows: readonly Source[];
  active?: string;
  onOpen: (source: Source) => void;
}

function Table({ rows, active, onOpen }: TableProps) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const columns: Column<Source>[] = [
    { id: "name", header: t("sources.name"), cell: (one) => one.name, width: 240 },
    { id: "kind", header: t("sources.kind"), cell: (one) => t(`kind.${one.kind}`), width: 150 },
    {
      id: "key",
      header: t("sources.key"),
      cell: (one) => <code>…{one.hint}</code>,
      width: 120,
    },
    {
      id: "state",
      header: t("sources.state"),
      cell: (one) => (
        <StatusBadge tone={one.enabled ? "good" : "neutral"} plain>
          {one.enabled ? t("sources.enabled") : t("sources.disabled")}
        </StatusBadge>
      ),
      width: 130,
    },
    {
      id: "made",
      header: t("sources.created"),
      cell: (one) => format.date(one.created_at),
      width: 160,
    },
  ];
  return (
    <DataTable
      label={t("tabs.sources")}
      source={rowsOf(rows)}
      columns={columns}
      rowId={(one) => one.id}
      activeId={active}
      onOpen={onOpen}
      empty={<Empty title={t("sources.none")}>{t("sources.noneText")}</Empty>}
    />
  );
}
