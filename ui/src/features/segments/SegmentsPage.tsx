/** Every segment: who is in it, how many, how it moved, and how fresh that is. */
import { Select, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { usePages } from "@/client/pages";
import { type Column, DataTable } from "@/design/DataTable";
import { Filters } from "@/design/Filters";
import { ButtonLink } from "@/design/Link";
import { MainAction, Page } from "@/design/Page";
import { Spark } from "@/design/Spark";
import { Empty } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/rules";
import { fetchSegments, namesQuery } from "./api";
import { SegmentState } from "./badges";
import { Flow } from "./Flow";
import { LiveBadge } from "./LiveSection";
import { lived } from "./model/trend";
import { KINDS, type SegmentsSearch, STATES } from "./routes";
import classes from "./segments.module.css";
import type { SegmentRow } from "./types";

/** Days of the little picture beside a size. */
const SPARK = 30;

export function SegmentsPage() {
  const { t } = useTranslation("segments");
  const may = useMay();
  const navigate = useNavigate();
  const search = useSearch({ from: "/frame/segments" });
  const filtered = Object.values(search).some((one) => one !== undefined);
  const rows = usePages<SegmentRow>(["segments", search], (offset, limit, signal) =>
    fetchSegments({ ...search, days: SPARK, offset, limit }, signal),
  );
  const columns = useColumns();
  return (
    <Page
      title={t("title")}
      lead={t("lead")}
      fill
      action={
        may("segments.write") && (
          <MainAction onClick={() => void navigate({ to: "/segments/new" })}>{t("new")}</MainAction>
        )
      }
    >
      <Narrow total={rows.loading ? null : rows.total} />
      <DataTable
        label={t("title")}
        source={rows}
        columns={columns}
        rowHeight={58}
        rowId={(row) => row.slug}
        onOpen={(row) => void navigate({ to: "/segments/$slug", params: { slug: row.slug } })}
        empty={
          filtered ? (
            <Empty
              title={t("none.title")}
              action={
                <ButtonLink to="/segments" search={{}} variant="light">
                  {t("none.clear")}
                </ButtonLink>
              }
            >
              {t("none.text")}
            </Empty>
          ) : (
            <Empty
              title={t("empty.title")}
              action={
                may("segments.write") && (
                  <ButtonLink to="/segments/new" variant="light">
                    {t("new")}
                  </ButtonLink>
                )
              }
            >
              {t("empty.text")}
            </Empty>
          )
        }
      />
    </Page>
  );
}

/** The filters; what they are set to is in the URL. */
function Narrow({ total }: { total: number | null }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const navigate = useNavigate({ from: "/segments" });
  const search = useSearch({ from: "/frame/segments" });
  const purposes = useQuery(catalogQuery).data?.purposes ?? [];
  const known = useQuery(namesQuery).data?.items ?? [];
  const owners = new Map(
    known.flatMap((one) => (one.owner ? [[one.owner.id, one.owner.name] as const] : [])),
  );
  const [typed, setTyped] = useState(search.q ?? "");
  // Filters taken off elsewhere (an empty list offers it) leave no words in the field.
  useEffect(() => {
    if (search.q === undefined) setTyped("");
  }, [search.q]);
  const change = (part: SegmentsSearch) =>
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
        onChange={(state) => change({ state: (state as SegmentsSearch["state"]) ?? undefined })}
      />
      <Select
        w={190}
        clearable
        aria-label={t("column.kind")}
        placeholder={t("filter.kind")}
        value={search.kind ?? null}
        data={KINDS.map((value) => ({ value, label: t(`kind.${value}`) }))}
        onChange={(kind) => change({ kind: (kind as SegmentsSearch["kind"]) ?? undefined })}
      />
      <Select
        w={190}
        clearable
        aria-label={t("column.purpose")}
        placeholder={t("filter.purpose")}
        value={search.purpose ?? null}
        data={purposes.map((one) => ({ value: one.name, label: format.label(one.label) }))}
        onChange={(purpose) => change({ purpose: purpose ?? undefined })}
      />
      {(owners.size > 1 || search.owner) && (
        <Select
          w={170}
          clearable
          aria-label={t("column.owner")}
          placeholder={t("filter.owner")}
          value={search.owner ?? null}
          data={[...owners].map(([value, label]) => ({ value, label }))}
          onChange={(owner) => change({ owner: owner ?? undefined })}
        />
      )}
    </Filters>
  );
}

function useColumns(): Column<SegmentRow>[] {
  const { t } = useTranslation("segments");
  const format = useFormat();
  return [
    {
      id: "name",
      header: t("column.name"),
      width: 360,
      always: true,
      cell: (row) => (
        <div className={classes.nameCell} title={row.sentence}>
          <span className={classes.name}>
            {row.name} {row.live && <LiveBadge />}
          </span>
          <span className={classes.sentenceLine}>{row.sentence}</span>
        </div>
      ),
    },
    {
      id: "size",
      header: t("column.size"),
      width: 190,
      align: "end",
      cell: (row) => (
        <span className={classes.sizeCell}>
          <Spark values={lived(row.sizes)} label={t("trend.spark")} />
          <span>{format.count(row.size, "people")}</span>
        </span>
      ),
    },
    {
      id: "flow",
      header: t("column.flow"),
      width: 140,
      align: "end",
      cell: (row) => <Flow entered={row.entered} left={row.left} />,
    },
    {
      id: "state",
      header: t("column.state"),
      width: 190,
      cell: (row) => (
        <span className={classes.stateCell}>
          <SegmentState state={row.state} title={row.message || undefined} />
          <span className="muted">{format.relative(row.as_of)}</span>
        </span>
      ),
    },
    {
      id: "purpose",
      header: t("column.purpose"),
      width: 150,
      cell: (row) => row.purpose_label ?? <span className="muted">{t("noPurpose")}</span>,
    },
    {
      id: "kind",
      header: t("column.kind"),
      width: 130,
      cell: (row) => t(`kind.${row.kind}`),
    },
    { id: "owner", header: t("column.owner"), cell: (row) => row.owner?.name ?? "–" },
  ];
}
