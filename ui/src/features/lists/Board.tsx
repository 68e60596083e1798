/** Filters, bulk bar, the table and progress per person. */
import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconBan, IconLogout, IconSearch, IconUserEdit } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { set as readSet, writeSet } from "@/app/search";
import { usePages } from "@/client/pages";
import { type Column, DataTable, readSort, writeSort } from "@/design/DataTable";
import { StatusBadge } from "@/design/StatusBadge";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { AssigneeMenu } from "./AssigneeMenu";
import { fetchMembers } from "./api";
import { useBoardSearch } from "./BoardPage";
import { BulkBar } from "./BulkBar";
import { MEANING_TONES, PriorityMark } from "./badges";
import classes from "./lists.module.css";
import { PeopleSide } from "./PeopleSide";
import { SavedViews } from "./SavedViews";
import type { ListDetail, Member } from "./types";
import { CellValue, columnAlign, columnWidth } from "./Value";

const NOBODY: ReadonlySet<string> = new Set();

export function Board({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const { search, set } = useBoardSearch();
  const [selected, setSelected] = useState(NOBODY);
  const query = useMemo(
    () => ({
      status: search.status,
      meaning: search.meaning,
      assignee: search.assignee,
      priority: search.priority,
      q: search.q,
    }),
    [search.status, search.meaning, search.assignee, search.priority, search.q],
  );
  const source = usePages<Member>(
    ["members", list.id, list.build?.id, list.build?.state, query, search.sort],
    (offset, limit, signal) =>
      fetchMembers(list.id, { ...query, sort: search.sort, offset, limit }, signal),
  );
  const columns = useColumns(list);
  const filtered = Object.values(query).some((value) => value !== undefined);
  return (
    <div className={classes.board}>
      <div className={classes.tableSide}>
        {selected.size > 0 && list.can_manage ? (
          <BulkBar
            list={list}
            selected={selected}
            query={query}
            total={source.total}
            onDone={() => setSelected(NOBODY)}
          />
        ) : (
          <Filters list={list} />
        )}
        <DataTable
          label={list.name}
          source={source}
          columns={columns}
          rowId={(row) => String(row.id)}
          sort={readSort(search.sort)}
          onSort={(sort) => set({ sort: writeSort(sort) })}
          {...(list.can_manage ? { selected, onSelect: setSelected } : {})}
          hidden={readSet(search.hide)}
          onHide={(hidden) => set({ hide: writeSet(hidden) }, true)}
          onOpen={(row) => set({ member: row.id, panel: undefined })}
          {...(search.member === undefined ? {} : { activeId: String(search.member) })}
          empty={
            <Empty title={t(filtered ? "board.noneFiltered" : "board.none")}>
              {t(filtered ? "board.noneFilteredText" : "board.noneText")}
            </Empty>
          }
        />
      </div>
      <PeopleSide list={list} />
    </div>
  );
}

function Filters({ list }: { list: ListDetail }) {
  const { t } = useTranslation("lists");
  const { search, set } = useBoardSearch();
  const search_ = useDebouncedCallback((q: string) => set({ q: q || undefined }, true), 250);
  return (
    <div className={classes.filters}>
      <TextInput
        key={search.q === undefined ? "empty" : "typed"}
        size="xs"
        w={200}
        aria-label={t("board.search")}
        placeholder={t("board.search")}
        leftSection={<IconSearch size={14} aria-hidden />}
        defaultValue={search.q ?? ""}
        onChange={(event) => search_(event.currentTarget.value)}
      />
      <Select
        size="xs"
        w={150}
        clearable
        aria-label={t("column.status")}
        placeholder={t("column.status")}
        value={search.status ?? null}
        data={list.statuses.map((one) => ({
          value: one.code,
          label: `${one.label} ${one.members}`,
        }))}
        onChange={(status) => set({ status: status ?? undefined })}
      />
      <Select
        size="xs"
        w={120}
        clearable
        aria-label={t("column.priority")}
        placeholder={t("column.priority")}
        value={search.priority ?? null}
        data={(["high", "medium", "low"] as const).map((one) => ({
          value: one,
          label: t(`priority.${one}`),
        }))}
        onChange={(priority) => set({ priority: (priority as Member["priority"]) ?? undefined })}
      />
      <SavedViews list={list} />
    </div>
  );
}

function useColumns(list: ListDetail): Column<Member>[] {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const statuses = new Map(list.statuses.map((one) => [one.code, one.label]));
  const outcomes = new Map(list.outcomes.map((one) => [one.code, one.label]));
  return [
    {
      id: "name",
      header: t("column.person"),
      width: 190,
      always: true,
      sortable: true,
      cell: (row) => <PersonCell member={row} />,
    },
    {
      id: "priority",
      header: t("column.priority"),
      width: 110,
      sortable: true,
      cell: (row) => (
        <span title={row.reasons.join(t("comma"))}>
          <PriorityMark priority={row.priority} score={row.score} />
        </span>
      ),
    },
    {
      id: "status",
      header: t("column.status"),
      width: 120,
      sortable: true,
      cell: (row) => (
        <StatusBadge plain tone={MEANING_TONES[row.meaning]}>
          {statuses.get(row.status) ?? row.status}
        </StatusBadge>
      ),
    },
    {
      id: "assignee",
      header: t("column.assignee"),
      width: 150,
      sortable: true,
      cell: (row) =>
        list.can_manage ? <AssigneeMenu list={list} member={row} /> : (row.assignee?.name ?? "–"),
    },
    {
      id: "last_contact",
      header: t("column.lastContact"),
      width: 150,
      sortable: true,
      cell: (row) =>
        row.last_contact_at ? (
          <span title={format.dateTime(row.last_contact_at)}>
            {outcomes.get(row.last_outcome ?? "") ?? ""} {format.relative(row.last_contact_at)}
          </span>
        ) : (
          <span className="muted">–</span>
        ),
    },
    {
      id: "next_at",
      header: t("column.nextAt"),
      width: 150,
      sortable: true,
      cell: (row) =>
        row.next_at ? format.dateTime(row.next_at) : <span className="muted">–</span>,
    },
    ...list.columns.map((column) => ({
      id: `value.${column.name}`,
      header: column.label,
      width: columnWidth(column),
      align: columnAlign(column),
      sortable: !column.masked,
      cell: (row: Member) => <CellValue column={column} value={row.values[column.name]} />,
    })),
  ];
}

function PersonCell({ member }: { member: Member }) {
  const { t } = useTranslation("lists");
  return (
    <span className={classes.name}>
      {member.blocked && (
        <span title={member.blocked}>
          <IconBan size={14} className={classes.blockedMark} aria-label={member.blocked} />
        </span>
      )}
      {!member.present && (
        <span title={t("board.left")}>
          <IconLogout size={14} className={classes.leftMark} aria-label={t("board.left")} />
        </span>
      )}
      {member.lease && !member.lease.mine && (
        <span title={t("board.leased", { name: member.lease.by.name })}>
          <IconUserEdit size={14} aria-label={t("board.leased", { name: member.lease.by.name })} />
        </span>
      )}
      <span>{member.display}</span>
    </span>
  );
}
