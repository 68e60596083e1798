import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import type { RowSource } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import { ChannelMark } from "@/features/messages/badges";
import { DeliveryBadge } from "./badges";
import classes from "./sends.module.css";
import type { DeliveryRow } from "./types";

interface Props {
  label: string;
  source: RowSource<DeliveryRow>;
  /** Columns that say nothing here. */
  without?: readonly ("send" | "channel")[];
  activeId: string | undefined;
  onOpen: (id: string) => void;
  empty: ReactNode;
}

/** Deliveries: whose, how it stands and why, and what came back. */
export function DeliveryTable({ label, source, without = [], activeId, onOpen, empty }: Props) {
  const columns = useColumns().filter((one) => !(without as readonly string[]).includes(one.id));
  return (
    <DataTable
      label={label}
      source={source}
      columns={columns}
      rowId={(one) => one.id}
      rowHeight={without.includes("send") ? 40 : 50}
      activeId={activeId}
      onOpen={(one) => onOpen(one.id)}
      empty={empty}
    />
  );
}

/** What came back, the latest meaning first; only what a person did counts as opened. */
const CAME = [
  "unsubscribed",
  "complained",
  "bounced",
  "replied",
  "clicked",
  "opened",
  "machine_opened",
  "delivered",
] as const;

function useColumns(): Column<DeliveryRow>[] {
  const { t } = useTranslation("sends");
  const may = useMay();
  const format = useFormat();
  return [
    {
      id: "person",
      header: t("row.person"),
      cell: (one) =>
        may("customers.read") ? (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the link inside takes keys
          // biome-ignore lint/a11y/noStaticElementInteractions: only keeps the row from opening
          <span onClick={(event) => event.stopPropagation()}>
            <TextLink to="/customers/$customerId" params={{ customerId: one.person }}>
              {one.person_name || one.person}
            </TextLink>
          </span>
        ) : (
          one.person_name || one.person
        ),
      width: 180,
    },
    {
      id: "state",
      header: t("row.state"),
      cell: (one) => <DeliveryBadge state={one.state} held={one.held} />,
      width: 140,
    },
    {
      id: "reason",
      header: t("row.reason"),
      cell: (one) => one.reason?.sentence ?? <span className="muted">–</span>,
      width: 300,
    },
    {
      id: "channel",
      header: t("row.channel"),
      cell: (one) => <ChannelMark channel={one.channel} />,
      width: 130,
    },
    {
      id: "send",
      header: t("row.cause"),
      cell: (one) => (
        <span className={classes.lines}>
          <span>{one.send ? one.send.name : t(one.journey ? "row.journey" : "row.other")}</span>
          <span className={classes.quiet}>{one.template?.name ?? ""}</span>
        </span>
      ),
      width: 240,
    },
    {
      id: "came",
      header: t("row.came"),
      cell: (one) => {
        const last = CAME.find((name) => one[`${name}_at`] !== null);
        return last ? t(`came.${last}`) : <span className="muted">–</span>;
      },
      width: 150,
    },
    {
      id: "at",
      header: t("row.at"),
      cell: (one) => (
        <span className="tabular">
          {format.dateTime(one.finished_at ?? one.attempted_at ?? one.due_at ?? one.created_at)}
        </span>
      ),
      width: 170,
    },
  ];
}
