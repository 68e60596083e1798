/** One value over the people of a segment: bars of a histogram, or the categories by size. */
import { ActionIcon, Button } from "@mantine/core";
import { IconPencil, IconX } from "@tabler/icons-react";
import { type ReactNode, useCallback, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { isApiError } from "@/client/errors";
import { Chart, type ChartLook, tip } from "@/design/Chart";
import { TextLink } from "@/design/Link";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type Catalog, type JsonObject, ValueBuilder } from "@/features/rules";
import { valueWords } from "../definitions/words";
import { bucketLabel, bucketRule, bucketStart, unsetRule, type ValueKind } from "./model/buckets";
import classes from "./segments.module.css";
import type { Bucket, Composition, Segment } from "./types";

interface Props {
  segment: Segment;
  catalog: Catalog;
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  onRemove: () => void;
  query: { data: Composition | undefined; error: unknown; refetch: () => unknown };
}

export function CompositionChart(props: Props) {
  const { t } = useTranslation("segments");
  const { segment, catalog, value, onChange, onRemove, query } = props;
  const [editing, setEditing] = useState(false);
  const format = useFormat();
  const words = valueWords(catalog, segment.subject, value);
  const label = query.data?.value_label ?? format.label(words?.label);
  const actions = (
    <>
      <ActionIcon
        size="sm"
        aria-label={t("composition.edit", { value: label })}
        aria-expanded={editing}
        onClick={() => setEditing(!editing)}
      >
        <IconPencil size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="sm"
        aria-label={t("composition.remove", { value: label })}
        onClick={onRemove}
      >
        <IconX size={15} aria-hidden />
      </ActionIcon>
    </>
  );
  const drawn = { segment, catalog, value, actions };
  return (
    <>
      {editing && (
        <ValueEditor value={value} onApply={onChange} catalog={catalog} segment={segment} />
      )}
      {query.error ? (
        <>
          <div className={classes.figureHead}>
            <span className={classes.figureTitle}>{format.label(words?.label)}</span>
            <span className={classes.figureActions}>{actions}</span>
          </div>
          <Refused error={query.error} onRetry={() => void query.refetch()} />
        </>
      ) : !query.data ? (
        <Loading lines={[50, 100, 100, 100, 100]} height={24} />
      ) : query.data.kind === "histogram" ? (
        <Histogram {...drawn} found={query.data} />
      ) : (
        <Categories {...drawn} found={query.data} />
      )}
    </>
  );
}

/** What is wrong with the value, in its own words; any other error as everywhere else. */
function Refused({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  const faults = isApiError(error) ? error.body.faults : [];
  if (faults.length === 0) return <ErrorState error={error} onRetry={onRetry} inline />;
  return faults.map((fault) => (
    <Remark key={fault.path + fault.code} tone="warn">
      {fault.message} {fault.remedy}
    </Remark>
  ));
}

function ValueEditor(props: {
  value: JsonObject;
  onApply: (value: JsonObject) => void;
  catalog: Catalog;
  segment: Segment;
}) {
  const { t } = useTranslation("segments");
  const [draft, setDraft] = useState(props.value);
  return (
    <div className={classes.valueEditor}>
      <ValueBuilder
        value={props.value}
        onChange={setDraft}
        catalog={props.catalog}
        subject={props.segment.subject}
        purpose={props.segment.purpose}
      />
      <Button
        size="compact-sm"
        variant="light"
        disabled={JSON.stringify(draft) === JSON.stringify(props.value)}
        onClick={() => props.onApply(draft)}
      >
        {t("composition.apply")}
      </Button>
    </div>
  );
}

interface DrawnProps {
  segment: Segment;
  catalog: Catalog;
  value: JsonObject;
  found: Composition;
  actions: ReactNode;
}

/** Leads to the people of a bucket, when a rule can name them. */
function PeopleLink(props: {
  rule: JsonObject | null;
  subject: string;
  label: string;
  children: ReactNode;
}) {
  if (!props.rule) return <>{props.children}</>;
  return (
    <TextLink
      to="/segments/new"
      search={{ rule: props.rule, subject: props.subject }}
      aria-label={props.label}
    >
      {props.children}
    </TextLink>
  );
}

function Categories({ segment, catalog, value, found, actions }: DrawnProps) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const kind = useKind(catalog, segment.subject, value);
  const rows: { label: string; count: number; rule: JsonObject | null; quiet?: boolean }[] =
    found.buckets.map((bucket) => ({
      label: bucketLabel(bucket, kind, format),
      count: bucket.count,
      rule: bucketRule(segment.slug, value, bucket, kind),
    }));
  if (found.other > 0) {
    rows.push({ label: t("composition.other"), count: found.other, rule: null, quiet: true });
  }
  if (found.unset > 0) {
    rows.push({
      label: t("composition.unset"),
      count: found.unset,
      rule: unsetRule(segment.slug, value),
      quiet: true,
    });
  }
  const widest = Math.max(1, ...rows.map((row) => row.count));
  return (
    <figure className={classes.figure}>
      <figcaption className={classes.figureHead}>
        <span className={classes.figureTitle}>{found.value_label}</span>
        <span className={classes.figureActions}>{actions}</span>
      </figcaption>
      <ul className={classes.categories}>
        {rows.map((row) => (
          <li key={row.label} data-quiet={row.quiet || undefined}>
            <span className={classes.categoryName} title={row.label}>
              {row.label}
            </span>
            <span className={classes.track} aria-hidden>
              <span style={{ width: `${(row.count / widest) * 100}%` }} />
            </span>
            <span className={classes.categoryCount}>
              <PeopleLink
                rule={row.rule}
                subject={segment.subject}
                label={t("composition.people", {
                  bucket: row.label,
                  people: format.count(row.count, "people"),
                })}
              >
                {format.count(row.count, "people")}
              </PeopleLink>
            </span>
            <span className={classes.share}>
              {format.percent(found.total === 0 ? 0 : row.count / found.total)}
            </span>
          </li>
        ))}
      </ul>
    </figure>
  );
}

/** What the catalog knows of a value; the same object while nothing changes. */
function useKind(catalog: Catalog, subject: string, value: JsonObject): ValueKind {
  return useMemo(() => {
    const words = valueWords(catalog, subject, value);
    return { type: words?.type ?? "string", meaning: words?.meaning ?? null };
  }, [catalog, subject, value]);
}

function Histogram({ segment, catalog, value, found, actions }: DrawnProps) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const kind = useKind(catalog, segment.subject, value);
  const buckets = useMemo(
    () => found.buckets.map((one) => ({ ...one, label: bucketLabel(one, kind, format) })),
    [found.buckets, kind, format],
  );
  const draw = useCallback(
    (look: ChartLook) => ({
      grid: { left: 8, right: 8, top: 12, bottom: 4, containLabel: true },
      xAxis: {
        type: "category",
        data: found.buckets.map((one) => bucketStart(one, kind, format)),
        ...look.names,
      },
      yAxis: { type: "value", minInterval: 1, ...look.numbers },
      tooltip: {
        ...(look.base.tooltip as object),
        axisPointer: {
          ...(look.base.tooltip as { axisPointer: object }).axisPointer,
          type: "shadow",
        },
        formatter: ([at]: { dataIndex: number }[]) => {
          const one = at && buckets[at.dataIndex];
          if (!one) return "";
          return tip(one.label, [
            { name: t("composition.here"), value: format.count(one.count, "people") },
            {
              name: t("composition.share"),
              value: format.percent(found.total === 0 ? 0 : one.count / found.total),
            },
          ]);
        },
      },
      series: [{ type: "bar", barCategoryGap: "8%", data: buckets.map((one) => one.count) }],
    }),
    [buckets, found, kind, format, t],
  );
  const row = (bucket: Bucket, index: number) => [
    bucket.label,
    <PeopleLink
      key="people"
      rule={bucketRule(segment.slug, value, bucket, kind, index === buckets.length - 1)}
      subject={segment.subject}
      label={t("composition.people", {
        bucket: bucket.label,
        people: format.count(bucket.count, "people"),
      })}
    >
      {format.count(bucket.count, "people")}
    </PeopleLink>,
    format.percent(found.total === 0 ? 0 : bucket.count / found.total),
  ];
  return (
    <Chart
      title={found.value_label}
      note={
        found.unset > 0 &&
        t("composition.unsetNote", { people: format.count(found.unset, "people") })
      }
      summary={t("composition.summary", {
        value: found.value_label,
        people: format.count(found.total, "people"),
        count: buckets.length,
      })}
      actions={actions}
      draw={draw}
      height={240}
      table={{
        head: [found.value_label, t("composition.here"), t("composition.share")],
        rows: buckets.map(row),
      }}
    />
  );
}
