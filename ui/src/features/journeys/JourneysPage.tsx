/** Every journey: how it stands, how many are inside, and how many reach its goal. */
import { Select, Switch, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { usePages } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { ButtonLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { HeldNotice } from "@/features/sends/HeldNotice";
import { fetchJourneys } from "./api";
import { JourneyState, VersionState } from "./badges";
import styles from "./journeys.module.css";
import { type JourneysSearch, STATES } from "./routes";
import type { Row } from "./types";

export function JourneysPage() {
  const { t } = useTranslation("journeys");
  const search = useSearch({ from: "/frame/journeys" });
  const navigate = useNavigate();
  const may = useMay();
  const query = { q: search.q, state: search.state, archived: search.archived };
  const source = usePages<Row>(["journeys", query], (offset, limit, signal) =>
    fetchJourneys({ ...query, offset, limit }, signal),
  );
  const columns = useColumns();
  const create = () => void navigate({ to: "/journeys/new" });
  const filtered = search.q || search.state || search.archived;
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      fill
      action={may("journeys.write") && <MainAction onClick={create}>{t("create.open")}</MainAction>}
    >
      <HeldNotice />
      <JourneyFilters total={source.loading ? null : source.total} />
      <DataTable
        label={t("title")}
        source={source}
        columns={columns}
        rowId={(row) => row.slug}
        rowHeight={56}
        onOpen={(row) => void navigate({ to: "/journeys/$slug", params: { slug: row.slug } })}
        empty={
          <Empty
            title={t(filtered ? "empty.filtered" : "empty.title")}
            action={
              !filtered &&
              may("journeys.write") && (
                <ButtonLink variant="default" to={"/journeys/new" as string}>
                  {t("empty.action")}
                </ButtonLink>
              )
            }
          >
            {!filtered && t("empty.text")}
          </Empty>
        }
      />
    </Page>
  );
}

function JourneyFilters({ total }: { total: number | null }) {
  const { t } = useTranslation("journeys");
  const navigate = useNavigate({ from: "/journeys" });
  const search = useSearch({ from: "/frame/journeys" });
  const [typed, setTyped] = useState(search.q ?? "");
  useEffect(() => {
    if (search.q === undefined) setTyped("");
  }, [search.q]);
  const change = (part: JourneysSearch) =>
    void navigate({ search: (old) => ({ ...old, ...part }), replace: true });
  const find = useDebouncedCallback((q: string) => change({ q: q.trim() || undefined }), 200);
  return (
    <Filters aside={total === null ? null : t("found", { count: total })}>
      <TextInput
        aria-label={t("filter.q")}
        placeholder={t("filter.q")}
        leftSection={<IconSearch size={15} aria-hidden />}
        value={typed}
        onChange={(event) => {
          setTyped(event.currentTarget.value);
          find(event.currentTarget.value);
        }}
      />
      <Select
        w={170}
        clearable
        aria-label={t("column.state")}
        placeholder={t("filter.state")}
        value={search.state ?? null}
        data={STATES.map((value) => ({ value, label: t(`state.${value}`) }))}
        onChange={(state) => change({ state: (state as JourneysSearch["state"]) ?? undefined })}
      />
      <Switch
        label={t("filter.archived")}
        checked={search.archived ?? false}
        onChange={(event) => change({ archived: event.currentTarget.checked || undefined })}
      />
    </Filters>
  );
}

function useColumns(): Column<Row>[] {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("column.name"),
      width: 380,
      always: true,
      cell: (row) => (
        <div className={styles.nameCell} title={row.entries.join(t("comma"))}>
          <span className={styles.name}>{row.name}</span>
          <span className={styles.line}>{row.entries.join(t("comma")) || t("entry.none")}</span>
        </div>
      ),
    },
    {
      id: "state",
      header: t("column.state"),
      width: 220,
      cell: (row) => (
        <span className={styles.stateCell}>
          <JourneyState state={row.state} />
          {row.draft && row.state !== "draft" && <VersionState state={row.draft} />}
          {row.draft === "review" && row.state === "draft" && <VersionState state="review" />}
        </span>
      ),
    },
    {
      id: "inside",
      header: t("column.inside"),
      width: 130,
      align: "end",
      cell: (row) => format.count(row.inside, "people"),
    },
    {
      id: "entered",
      header: t("column.entered"),
      width: 150,
      align: "end",
      cell: (row) => format.count(row.entered, "people"),
    },
    {
      id: "goals",
      header: t("column.goals"),
      width: 190,
      align: "end",
      cell: (row) => <GoalRate row={row} />,
    },
    {
      id: "health",
      header: t("column.health"),
      width: 150,
      cell: (row) => <Health row={row} />,
    },
    {
      id: "purpose",
      header: t("column.purpose"),
      width: 160,
      cell: (row) => row.purpose_label || <span className="muted">{t("unchosen")}</span>,
    },
    { id: "owner", header: t("column.owner"), cell: (row) => row.owner?.name ?? "–" },
  ];
}

function GoalRate({ row }: { row: Row }) {
  const format = useFormat();
  if (row.goals === null || !row.entered) return <span className="muted">–</span>;
  const rate = row.goals / row.entered;
  return (
    <span className={styles.rate}>
      <span className={styles.bar} aria-hidden>
        <span style={{ width: `${Math.min(100, rate * 100)}%` }} />
      </span>
      <span className="tabular">
        {format.percent(rate)} <span className="muted">({format.number(row.goals)})</span>
      </span>
    </span>
  );
}

const MOVING: readonly Row["state"][] = ["live", "closing"];

/** Whether everybody inside moves: how many stand still past their time. */
function Health({ row }: { row: Row }) {
  const { t } = useTranslation("journeys");
  const { overdue } = row;
  if (!MOVING.includes(row.state) || overdue === null) {
    return <span className="muted">–</span>;
  }
  if (overdue > 0) {
    return (
      <StatusBadge tone="alarm" plain>
        {t("health.overdue", { count: overdue })}
      </StatusBadge>
    );
  }
  return (
    <StatusBadge tone="good" plain>
      {t("health.good")}
    </StatusBadge>
  );
}
