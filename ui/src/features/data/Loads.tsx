import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { StatusBadge, type Tone } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery, filesOf, type LoadInfo, loadsQuery, took } from "./data";

const TONES: Partial<Record<string, Tone>> = {
  loading: "working",
  streaming: "working",
  loaded: "good",
  failed: "alarm",
  interrupted: "warn",
};

export function toneOf(load: LoadInfo): Tone {
  return TONES[load.state] ?? "neutral";
}

interface LoadsProps {
  active?: string;
  onOpen: (load: string) => void;
}

export function Loads({ active, onOpen }: LoadsProps) {
  const { t } = useTranslation("data");
  const format = useFormat();
  const loads = useQuery(loadsQuery);
  const catalog = useQuery(catalogQuery);
  const label = (name: string) =>
    catalog.data?.datasets.find((one) => one.name === name)?.label ?? name;
  const columns: Column<LoadInfo>[] = [
    { id: "dataset", header: t("dataset"), width: 180, cell: (load) => label(load.dataset) },
    {
      id: "state",
      header: t("state"),
      width: 120,
      cell: (load) => (
        <StatusBadge tone={toneOf(load)} plain>
          {t(`states.${load.state}`)}
        </StatusBadge>
      ),
    },
    {
      id: "at",
      header: t("startedAt"),
      width: 190,
      cell: (load) => format.dateTime(load.started_at),
    },
    {
      id: "took",
      header: t("took"),
      width: 90,
      align: "end",
      cell: (load) => format.duration(took(load)),
    },
    {
      id: "read",
      header: t("read"),
      width: 110,
      align: "end",
      cell: (load) => format.number(load.read),
    },
    {
      id: "loaded",
      header: t("loaded"),
      width: 110,
      align: "end",
      cell: (load) => format.number(load.loaded),
    },
    {
      id: "dead",
      header: t("deadLetters"),
      width: 140,
      align: "end",
      cell: (load) =>
        load.dead > 0 ? (
          <StatusBadge tone="warn" plain>
            {format.number(load.dead)}
          </StatusBadge>
        ) : (
          <span className="muted">0</span>
        ),
    },
    {
      id: "files",
      header: t("files"),
      width: 240,
      cell: (load) => <span className="muted">{filesOf(load)}</span>,
    },
  ];
  return (
    <Ready query={loads} lines={[100, 100, 100, 100]}>
      {(found) => (
        <DataTable
          label={t("tabs.loads")}
          source={rowsOf(found)}
          columns={columns}
          rowId={(load) => load.id}
          activeId={active}
          onOpen={(load) => onOpen(load.id)}
          empty={<Empty title={t("noLoads")}>{t("noLoadsText")}</Empty>}
        />
      )}
    </Ready>
  );
}
