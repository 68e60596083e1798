/** Who is inside, where each stands and since when. */
import { SegmentedControl, Select } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { usePages } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { Remark } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { fetchWalks } from "./api";
import { readBody } from "./model/fresh";
import { WALK_STATES } from "./routes";
import type { Journey, Walk } from "./types";
import { useJourneySearch } from "./useJourneySearch";
import { useWords } from "./words";

export function PeopleTab({ journey }: { journey: Journey }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const words = useWords();
  const { search, set } = useJourneySearch();
  const steps = useMemo(() => readBody(journey.shown.body).steps, [journey.shown.body]);
  const step = search.step && search.step in steps ? search.step : undefined;
  const state = search.walks ?? "active";
  const query = { step, state };
  const source = usePages<Walk>(
    ["journey", journey.slug, "people", query],
    (offset, limit, signal) => fetchWalks(journey.slug, { ...query, offset, limit }, signal),
  );
  if (!journey.may.see_people) return <Remark>{t("people.notYours")}</Remark>;
  return (
    <>
      <Filters aside={source.loading ? null : format.count(source.total, "people")}>
        <SegmentedControl
          aria-label={t("people.state")}
          value={state}
          data={WALK_STATES.map((value) => ({ value, label: t(`walkState.${value}`) }))}
          onChange={(next) => set({ walks: next as typeof state }, true)}
        />
        <Select
          w={280}
          clearable
          searchable
          aria-label={t("people.step")}
          placeholder={t("people.step")}
          value={step ?? null}
          data={Object.entries(steps).map(([value, one]) => ({ value, label: words.title(one) }))}
          onChange={(next) => set({ step: next ?? undefined }, true)}
        />
      </Filters>
      <DataTable
        label={t("tab.people")}
        source={source}
        columns={useWalkColumns()}
        rowId={(row) => String(row.enrollment)}
        activeId={search.walk === undefined ? undefined : String(search.walk)}
        onOpen={(row) => set({ walk: row.enrollment })}
        empty={<Empty title={t("people.none")}>{t("people.noneText")}</Empty>}
      />
    </>
  );
}

function useWalkColumns(): Column<Walk>[] {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  return [
    { id: "name", header: t("people.name"), width: 200, always: true, cell: (row) => row.display },
    { id: "step", header: t("people.at"), width: 260, cell: (row) => row.step_title || "–" },
    { id: "standing", header: t("people.standing"), width: 320, cell: (row) => row.standing },
    {
      id: "since",
      header: t("people.since"),
      width: 140,
      cell: (row) =>
        row.since ? (
          <span title={format.dateTime(row.since)}>{format.relative(row.since)}</span>
        ) : (
          <span title={row.times_hidden}>{t("people.hidden")}</span>
        ),
    },
    {
      id: "entered",
      header: t("people.entered"),
      width: 180,
      cell: (row) =>
        row.entered_at ? (
          format.dateTime(row.entered_at)
        ) : (
          <span title={row.times_hidden}>{t("people.hidden")}</span>
        ),
    },
    { id: "key", header: t("people.key"), cell: (row) => row.key || "–" },
  ];
}
