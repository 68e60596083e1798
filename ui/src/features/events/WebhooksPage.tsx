import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { MainAction, Page } from "@/design/Page";
import { Alarm, StatusBadge, type Tone } from "@/design/StatusBadge";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Webhook, webhooksQuery } from "./data";
import { EventsTabs } from "./EventsTabs";
import classes from "./events.module.css";
import type { WebhooksSearch } from "./routes";
import { NewWebhookPanel } from "./WebhookForm";
import { WebhookPanel } from "./WebhookPanel";

export const TONES: Record<Webhook["state"], Tone> = {
  active: "good",
  paused: "neutral",
  stopped: "alarm",
};

/** Which addresses are told who enters and leaves segments. */
export function WebhooksPage() {
  const { t } = useTranslation("events");
  const may = useMay();
  const search = useSearch({ from: "/frame/events/webhooks" });
  const navigate = useNavigate({ from: "/events/webhooks" });
  const webhooks = useQuery(webhooksQuery);
  const open = (id: string | undefined) =>
    void navigate({ search: (): WebhooksSearch => ({ open: id }) });
  const stopped = webhooks.data?.items.filter((one) => one.state === "stopped") ?? [];
  return (
    <Page
      title={t("title")}
      lead={t("webhooks.lead")}
      tabs={<EventsTabs value="webhooks" />}
      action={
        may("webhooks.write") && (
          <MainAction onClick={() => open("new")}>{t("webhooks.make")}</MainAction>
        )
      }
    >
      {stopped.map((one) => (
        <Alarm key={one.id} title={t("webhooks.isStopped", { name: one.name })}>
          {one.message}
        </Alarm>
      ))}
      <Ready query={webhooks}>
        {(found) => (
          <Table rows={found.items} active={search.open} onOpen={(one) => open(one.id)} />
        )}
      </Ready>
      {search.open === "new" && <NewWebhookPanel onClose={() => open(undefined)} />}
      {search.open && search.open !== "new" && webhooks.data && (
        <WebhookPanel
          key={search.open}
          webhook={webhooks.data.items.find((one) => one.id === search.open)}
          onClose={() => open(undefined)}
        />
      )}
    </Page>
  );
}

interface TableProps {
  rows: readonly Webhook[];
  active?: string;
  onOpen: (webhook: Webhook) => void;
}

function Table({ rows, active, onOpen }: TableProps) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const columns: Column<Webhook>[] = [
    { id: "name", header: t("webhooks.name"), cell: (one) => one.name, width: 200 },
    {
      id: "state",
      header: t("webhooks.state"),
      cell: (one) => (
        <StatusBadge
          tone={one.failing_since && one.state === "active" ? "warn" : TONES[one.state]}
          plain
        >
          {one.failing_since && one.state === "active"
            ? t("webhooks.failing")
            : t(`state.${one.state}`)}
        </StatusBadge>
      ),
      width: 150,
    },
    {
      id: "segments",
      header: t("webhooks.segments"),
      cell: (one) => one.segments.map((segment) => segment.name).join(t("webhooks.and")),
      width: 240,
    },
    {
      id: "counts",
      header: t("webhooks.counts"),
      cell: (one) => (
        <span className={classes.states}>
          <span>{t("webhooks.delivered", { count: one.delivered })}</span>
          {one.waiting > 0 && <span>{t("webhooks.waiting", { count: one.waiting })}</span>}
          {one.dead > 0 && (
            <StatusBadge tone="alarm" plain>
              {t("webhooks.dead", { count: one.dead })}
            </StatusBadge>
          )}
        </span>
      ),
      width: 260,
    },
    {
      id: "last",
      header: t("webhooks.last"),
      cell: (one) => format.relative(one.delivered_at),
      width: 140,
    },
  ];
  return (
    <DataTable
      label={t("tabs.webhooks")}
      source={rowsOf(rows)}
      columns={columns}
      rowId={(one) => one.id}
      activeId={active}
      onOpen={onOpen}
      empty={<Empty title={t("webhooks.none")}>{t("webhooks.noneText")}</Empty>}
    />
  );
}
