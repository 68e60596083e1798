/** Who is in, who has left, since when; why, in the panel. */
import { SegmentedControl, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { usePages } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { fetchMembers } from "./api";
import type { Member, Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

export function PeopleTab({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { search, set } = useSegmentSearch();
  const [typed, setTyped] = useState(search.q ?? "");
  const find = useDebouncedCallback((q: string) => set({ q: q.trim() || undefined }, true), 200);
  const state = search.people ?? "in";
  const rows = usePages<Member>(
    ["segment", segment.slug, "members", state, search.q, segment.as_of],
    (offset, limit, signal) =>
      fetchMembers(segment.slug, { state, q: search.q, offset, limit }, signal),
  );
  const columns = useColumns(state === "left");
  return (
    <>
      <Filters aside={rows.loading ? null : format.count(rows.total, "people")}>
        <TextInput
          aria-label={t("people.find")}
          placeholder={t("people.find")}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={typed}
          onChange={(event) => {
            setTyped(event.currentTarget.value);
            find(event.currentTarget.value);
          }}
        />
        <SegmentedControl
          size="sm"
          aria-label={t("people.which")}
          value={state}
          data={(["in", "left"] as const).map((value) => ({
            value,
            label: t(`people.${value}`),
          }))}
          onChange={(value) => set({ people: value === "left" ? "left" : undefined }, true)}
        />
      </Filters>
      <DataTable
        key={state}
        label={t("tab.people")}
        source={rows}
        columns={columns}
        rowId={(row) => row.id}
        activeId={search.member}
        onOpen={(row) => {
          find.flush();
          set({ member: row.id });
        }}
        empty={
          <Empty title={t(search.q ? "people.notFound" : `people.none_${state}`)}>
            {t(search.q ? "people.notFoundText" : `people.noneText_${state}`)}
          </Empty>
        }
      />
    </>
  );
}

function useColumns(left: boolean): Column<Member>[] {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const columns: Column<Member>[] = [
    {
      id: "name",
      header: t("people.name"),
      width: 220,
      always: true,
      cell: (row) => row.display ?? <span className="muted">{t("people.masked")}</span>,
    },
    { id: "key", header: t("people.key"), width: 150, cell: (row) => row.key },
    {
      id: "entered",
      header: t("people.entered"),
      width: 200,
      cell: (row) => format.dateTime(row.entered_at),
    },
  ];
  if (left) {
    columns.push({
      id: "left",
      header: t("people.leftAt"),
      width: 200,
      cell: (row) => format.dateTime(row.left_at),
    });
  }
  columns.push({
    id: "stays",
    header: t("people.stays"),
    align: "end",
    width: 110,
    cell: (row) => format.count(row.stays, "times"),
  });
  return columns;
}
