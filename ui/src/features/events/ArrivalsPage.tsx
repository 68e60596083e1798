import { Button, Select, TextInput } from "@mantine/core";
import { IconPlayerPause, IconPlayerPlay, IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useSearch } from "@tanstack/react-router";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { rowsOf } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Facts } from "@/design/Facts";
import { Filters } from "@/design/Filters";
import { TextLink } from "@/design/Link";
import { Page } from "@/design/Page";
import { RightPanel } from "@/design/RightPanel";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { Empty, ErrorState, Partial } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Arrival, sourcesQuery, standingQuery } from "./data";
import { EventsTabs } from "./EventsTabs";
import classes from "./events.module.css";
import type { ArrivalsSearch } from "./routes";
import { useArrivals, type Watching } from "./useArrivals";

/** What is coming in, now. */
export function ArrivalsPage() {
  const { t } = useTranslation("events");
  const search = useSearch({ from: "/frame/events" });
  const navigate = useNavigate({ from: "/events" });
  const [paused, setPaused] = useState(false);
  const sources = useQuery(sourcesQuery);
  const watching = useArrivals(paused);
  const change = (part: ArrivalsSearch) =>
    void navigate({
      search: (old: ArrivalsSearch) => ({ ...old, ...part }),
      replace: !("open" in part),
    });
  const shown = useMemo(
    () =>
      watching.items.filter(
        (one) =>
          (!search.source || one.source.id === search.source) &&
          one.event.toLowerCase().includes(search.q?.toLowerCase() ?? ""),
      ),
    [watching.items, search.source, search.q],
  );
  const open = watching.items.find((one) => one.id === search.open);
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<EventsTabs value="arrivals" />}
      others={
        <Button
          variant="default"
          leftSection={paused ? <IconPlayerPlay size={16} /> : <IconPlayerPause size={16} />}
          onClick={() => setPaused(!paused)}
        >
          {paused ? t("arrivals.resume") : t("arrivals.pause")}
        </Button>
      }
      fill
    >
      <Standing watching={watching} paused={paused} />
      {watching.hidden && <Remark>{t("arrivals.hidden")}</Remark>}
      {watching.skipped && <Remark>{t("arrivals.skipped")}</Remark>}
      {watching.error !== null && watching.items.length > 0 && (
        <Partial onRetry={watching.retry}>{t("arrivals.broken")}</Partial>
      )}
      <Filters>
        <TextInput
          aria-label={t("arrivals.find")}
          placeholder={t("arrivals.find")}
          leftSection={<IconSearch size={15} />}
          value={search.q ?? ""}
          onChange={(event) => change({ q: event.currentTarget.value || undefined })}
        />
        <Select
          aria-label={t("arrivals.source")}
          placeholder={t("arrivals.anySource")}
          clearable
          value={search.source ?? null}
          data={(sources.data?.items ?? []).map((one) => ({ value: one.id, label: one.name }))}
          onChange={(value) => change({ source: value ?? undefined })}
        />
      </Filters>
      {watching.error !== null && watching.items.length === 0 ? (
        <ErrorState error={watching.error} onRetry={watching.retry} />
      ) : (
        <Table
          rows={shown}
          waiting={watching.backlog === null}
          filtered={Boolean(search.q || search.source)}
          active={open?.id}
          onOpen={(one) => change({ open: one.id })}
        />
      )}
      {open && <ArrivalPanel arrival={open} onClose={() => change({ open: undefined })} />}
    </Page>
  );
}

/** How much comes, and whether it is worked on. */
function Standing({ watching, paused }: { watching: Watching; paused: boolean }) {
  const { t } = useTranslation("events");
  const format = useFormat();
  const behind = (watching.backlog ?? 0) > 1_000_000;
  return (
    <dl className={classes.standing}>
      <div>
        <dt>{t("arrivals.state")}</dt>
        <dd>
          <StatusBadge tone={paused ? "neutral" : "working"} plain>
            {paused ? t("arrivals.paused") : t("arrivals.watching")}
          </StatusBadge>
        </dd>
      </div>
      <div>
        <dt>{t("arrivals.backlog")}</dt>
        <dd>
          <StatusBadge tone={behind ? "warn" : "good"} plain>
            {watching.backlog === 0
              ? t("arrivals.drained")
              : watching.backlog === null
                ? "–"
                : format.bytes(watching.backlog)}
          </StatusBadge>
        </dd>
      </div>
      <Unsettled />
      <div className={classes.rates}>
        <dt>{t("arrivals.rate")}</dt>
        <dd>
          {watching.rates.length === 0 ? (
            <span className="muted">{t("arrivals.silent")}</span>
          ) : (
            watching.rates.map((one) => (
              <span key={one.id} className={classes.rate}>
                {one.name} <b className="tabular">{format.count(one.count, "items")}</b>
              </span>
            ))
          )}
        </dd>
      </div>
    </dl>
  );
}

/** What could not be read, and what is nobody's yet. */
function Unsettled() {
  const { t } = useTranslation("events");
  const may = useMay();
  const format = useFormat();
  const { data } = useQuery(standingQuery);
  if (!data) return null;
  const unread = format.count(data.unread, "items");
  return (
    <>
      <div>
        <dt>{t("arrivals.unread")}</dt>
        <dd>
          <StatusBadge tone={data.unread > 0 ? "warn" : "good"} plain>
            {data.unread_load && may("data.read") ? (
              <TextLink to="/data" search={{ tab: "loads", load: data.unread_load }}>
                {unread}
              </TextLink>
            ) : (
              unread
            )}
          </StatusBadge>
        </dd>
      </div>
      <div>
        <dt>{t("arrivals.unclaimed")}</dt>
        <dd title={t("arrivals.unclaimedText")}>{format.count(data.unclaimed, "items")}</dd>
      </div>
    </>
  );
}

interface TableProps {
  rows: readonly Arrival[];
  waiting: boolean;
  filtered: boolean;
  active?: string;
  onOpen: (arrival: Arrival) => void;
}

function Table({ rows, waiting, filtered, active, onOpen }: TableProps) {
  const { t } = useTranslation("events");
  const kind = useKind();
  const format = useFormat();
  const columns: Column<Arrival>[] = [
    {
      id: "at",
      header: t("arrivals.at"),
      cell: (one) => <span className="tabular">{seconds(one.at, format.timeZone)}</span>,
      width: 100,
    },
    {
      id: "event",
      header: t("arrivals.event"),
      cell: (one) => one.event || one.path || kind(one.type),
      width: 220,
    },
    { id: "type", header: t("arrivals.type"), cell: (one) => kind(one.type), width: 130 },
    { id: "source", header: t("arrivals.source"), cell: (one) => one.source.name, width: 170 },
    {
      id: "user",
      header: t("arrivals.user"),
      cell: (one) => one.user_id ?? <span className="muted">{t("arrivals.anonymous")}</span>,
      width: 140,
    },
    {
      id: "values",
      header: t("arrivals.values"),
      cell: (one) => (
        <span className="muted">
          {[one.path, ...one.values.map(({ name, value }) => `${name}: ${value ?? ""}`)]
            .filter(Boolean)
            .join("  ")}
        </span>
      ),
      width: 400,
    },
  ];
  return (
    <DataTable
      label={t("arrivals.table")}
      source={{ ...rowsOf(rows), loading: waiting }}
      columns={columns}
      rowId={(one) => one.id}
      activeId={active}
      onOpen={onOpen}
      empty={
        filtered ? (
          <Empty title={t("arrivals.noMatch")}>{t("arrivals.noMatchText")}</Empty>
        ) : (
          <Empty
            title={t("arrivals.none")}
            action={
              <Button component={Link} to="/events/sources" variant="default">
                {t("arrivals.toSources")}
              </Button>
            }
          >
            {t("arrivals.noneText")}
          </Empty>
        )
      }
    />
  );
}

/** The local time to the second. */
function seconds(at: string, timeZone: string): string {
  return new Intl.DateTimeFormat("en-GB", { timeZone, timeStyle: "medium" }).format(new Date(at));
}

/** The kind of a call in words; what no specification knows, as it came. */
function useKind(): (type: string) => string {
  const { t, i18n } = useTranslation("events");
  return (type) =>
    i18n.exists(`events:type.${type}`) ? t(`type.${type}`) : type || t("type.none");
}

function ArrivalPanel({ arrival, onClose }: { arrival: Arrival; onClose: () => void }) {
  const { t } = useTranslation("events");
  const kind = useKind();
  const format = useFormat();
  return (
    <RightPanel
      title={arrival.event || arrival.path || kind(arrival.type)}
      lead={`${format.dateTime(arrival.at)} · ${arrival.source.name}`}
      onClose={onClose}
    >
      <Facts
        facts={[
          { label: t("arrivals.type"), value: kind(arrival.type) },
          { label: t("arrivals.user"), value: arrival.user_id ?? "–" },
          { label: t("arrivals.anonymousId"), value: arrival.anonymous_id ?? "–" },
          { label: t("arrivals.path"), value: arrival.path ?? "–" },
        ]}
      />
      <h3 className={classes.heading}>{t("arrivals.values")}</h3>
      {arrival.values.length === 0 ? (
        <p className="muted">{t("arrivals.noValues")}</p>
      ) : (
        <Facts
          facts={arrival.values.map(({ name, value }) => ({ label: name, value: value ?? "–" }))}
        />
      )}
      <Remark>{t("arrivals.masked")}</Remark>
    </RightPanel>
  );
}
