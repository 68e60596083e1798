/** Requests of persons about their data, with their due dates; and how long data is kept. */
import { SegmentedControl, Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { SettingsTabs } from "@/app/SettingsTabs";
import { useMay } from "@/app/session";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { MainAction, Page } from "@/design/Page";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Due } from "./Due";
import {
  countsQuery,
  KINDS,
  type Kind,
  type RequestRow,
  type Showing,
  STATE_TONES,
  STATES,
  useRequests,
  VIEWS,
  type View,
} from "./data";
import { NewRequestPanel } from "./NewRequestPanel";
import { RequestPanel } from "./RequestPanel";
import { RetentionSection } from "./RetentionSection";
import type { PrivacySearch } from "./routes";

export function PrivacyPage() {
  const { t } = useTranslation("privacy");
  const may = useMay();
  const search = useSearch({ from: "/frame/settings/privacy" });
  const navigate = useNavigate({ from: "/settings/privacy" });
  const change = (part: PrivacySearch) =>
    void navigate({
      search: (old: PrivacySearch) => ({ ...old, ...part }),
      replace: !("open" in part),
    });
  const view = search.view ?? "requests";
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      tabs={<SettingsTabs value="privacy" />}
      action={
        may("privacy.write") && (
          <MainAction onClick={() => change({ open: "new" })}>{t("new.open")}</MainAction>
        )
      }
    >
      <Filters aside={view === "requests" && <Standing />}>
        <SegmentedControl
          aria-label={t("view.label")}
          value={view}
          data={VIEWS.map((one) => ({ value: one, label: t(`view.${one}`) }))}
          onChange={(value) => change({ view: value as View, open: undefined })}
        />
        {view === "requests" && (
          <>
            <Select
              aria-label={t("state.label")}
              value={search.state ?? "open"}
              allowDeselect={false}
              data={STATES.map((one) => ({ value: one, label: t(`show.${one}`) }))}
              onChange={(value) => change({ state: (value as Showing | null) ?? undefined })}
            />
            <Select
              aria-label={t("kind.label")}
              placeholder={t("kind.any")}
              clearable
              value={search.kind ?? null}
              data={KINDS.map((one) => ({ value: one, label: t(`kind.${one}`) }))}
              onChange={(value) => change({ kind: (value as Kind | null) ?? undefined })}
            />
          </>
        )}
      </Filters>
      {view === "requests" ? (
        <Table search={search} onOpen={(row) => change({ open: row.id })} />
      ) : (
        <RetentionSection />
      )}
      {search.open === "new" && (
        <NewRequestPanel
          person={search.person}
          onClose={() => change({ open: undefined, person: undefined })}
          onDone={(id) => change({ open: id, person: undefined })}
        />
      )}
      {search.open && search.open !== "new" && (
        <RequestPanel
          key={search.open}
          id={search.open}
          onClose={() => change({ open: undefined })}
        />
      )}
    </Page>
  );
}

/** How many requests are open, and how many of them press. */
function Standing() {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const { data } = useQuery(countsQuery);
  if (!data) return null;
  return (
    <>
      {data.late > 0 && (
        <StatusBadge tone="alarm">
          {t("late", { number: format.count(data.late, "items") })}
        </StatusBadge>
      )}{" "}
      {data.soon > 0 && (
        <StatusBadge tone="warn">
          {t("soon", { number: format.count(data.soon, "items") })}
        </StatusBadge>
      )}{" "}
      {t("openCount", { number: format.count(data.open, "items") })}
    </>
  );
}

function Table({ search, onOpen }: { search: PrivacySearch; onOpen: (row: RequestRow) => void }) {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const state = search.state ?? "open";
  const rows = useRequests(search.kind, state);
  const columns: Column<RequestRow>[] = [
    {
      id: "due",
      header: t("due"),
      cell: (row) => <Due row={row} />,
      width: 240,
    },
    { id: "kind", header: t("kind.label"), cell: (row) => t(`kind.${row.kind}`), width: 120 },
    {
      id: "person",
      header: t("person"),
      cell: (row) =>
        row.erased ? (
          <span className="muted">{t("erased")}</span>
        ) : (
          <>
            {row.display || row.key} <span className="muted">{row.display ? row.key : ""}</span>
          </>
        ),
      width: 260,
    },
    {
      id: "state",
      header: t("state.label"),
      cell: (row) => (
        <StatusBadge tone={STATE_TONES[row.state]} plain>
          {t(`state.${row.state}`)}
        </StatusBadge>
      ),
      width: 150,
    },
    {
      id: "received",
      header: t("received"),
      cell: (row) => format.plainDate(row.received_on),
      width: 150,
    },
    { id: "via", header: t("via.label"), cell: (row) => t(`via.${row.via}`), width: 120 },
  ];
  return (
    <DataTable
      label={t("title")}
      source={rows}
      columns={columns}
      rowId={(row) => row.id}
      activeId={search.open}
      onOpen={onOpen}
      empty={<Empty title={t(`none.${state}`)}>{t("noneText")}</Empty>}
    />
  );
}
