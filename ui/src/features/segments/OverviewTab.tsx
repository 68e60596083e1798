/** The sentence, how many, how that moved, and how fresh it is. */
import { SegmentedControl } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import { Chart, type ChartLook, tip } from "@/design/Chart";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { trendQuery } from "./api";
import { Flow } from "./Flow";
import { FreshnessSection } from "./FreshnessSection";
import { LiveSection } from "./LiveSection";
import { dayOf, sinceBirth } from "./model/trend";
import { PERIODS } from "./routes";
import classes from "./segments.module.css";
import type { Segment, Trend } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

export function OverviewTab({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { search, set } = useSegmentSearch();
  const days = search.days ?? PERIODS[0];
  const trend = useQuery(trendQuery(segment, days));
  return (
    <div className={classes.overview}>
      <div>
        <Head segment={segment} />
        <Section
          title={t("trend.title")}
          aside={
            <SegmentedControl
              size="xs"
              aria-label={t("trend.period")}
              value={String(days)}
              data={PERIODS.map((one) => ({ value: String(one), label: t(`trend.days_${one}`) }))}
              onChange={(next) =>
                set({ days: Number(next) === PERIODS[0] ? undefined : Number(next) }, true)
              }
            />
          }
        >
          <div className={classes.charts}>
            <Ready query={trend} lines={[100, 100, 100, 100, 100, 100]}>
              {(found) => <Charts trend={found} born={segment.created_at} />}
            </Ready>
          </div>
        </Section>
      </div>
      <div>
        <LiveSection segment={segment} />
        <FreshnessSection segment={segment} />
      </div>
    </div>
  );
}

function Charts({ trend, born }: { trend: Trend; born: string }) {
  const { t } = useTranslation("segments");
  const { timeZone } = useFormat();
  const lived = useMemo(() => sinceBirth(trend, dayOf(born, timeZone)), [trend, born, timeZone]);
  if (lived.sizes.length === 0) return <p className="muted">{t("trend.none")}</p>;
  return (
    <>
      <Sizes trend={lived} />
      <Flows trend={lived} />
    </>
  );
}

function Head({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { set } = useSegmentSearch();
  return (
    <Section>
      <div className={classes.head}>
        <div className={classes.headCount}>
          <button
            type="button"
            className={classes.bigNumber}
            onClick={() => set({ tab: "people" })}
            disabled={segment.size === null}
          >
            {segment.size === null ? (
              <span className={classes.unknown}>{t("notYet")}</span>
            ) : (
              <>
                {format.number(segment.size)}
                <small>{t("unit", { count: segment.size })}</small>
              </>
            )}
          </button>
          {segment.as_of && (
            <div className={classes.since}>
              <Flow entered={segment.entered} left={segment.left} /> {t("flow.since")}
            </div>
          )}
        </div>
        <div className={classes.headWords}>
          <p className={classes.sentence}>{segment.sentence}</p>
          {segment.rank && <p className={classes.sentence}>{segment.rank.sentence}</p>}
          {segment.description && <p className={classes.quiet}>{segment.description}</p>}
          {segment.warnings.map((warning) => (
            <Remark key={warning} tone="warn">
              {warning}
            </Remark>
          ))}
        </div>
      </div>
    </Section>
  );
}

function Sizes({ trend }: { trend: Trend }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { sizes } = trend;
  const draw = useCallback(
    (look: ChartLook) => ({
      grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
      xAxis: {
        type: "category",
        boundaryGap: false,
        data: sizes.map((one) => format.day(one.day)),
        ...look.names,
      },
      yAxis: { type: "value", minInterval: 1, scale: true, ...look.numbers },
      tooltip: {
        ...(look.base.tooltip as object),
        formatter: ([at]: { dataIndex: number }[]) => {
          const one = at && sizes[at.dataIndex];
          if (!one) return "";
          return tip(format.date(one.day), [
            { name: t("column.size"), value: format.count(one.size, "people") },
          ]);
        },
      },
      series: [
        {
          type: "line",
          data: sizes.map((one) => one.size),
          showSymbol: sizes.length < 3,
          symbolSize: 6,
          lineStyle: { width: 2 },
          areaStyle: { opacity: 0.08 },
        },
      ],
    }),
    [sizes, format, t],
  );
  const first = sizes[0];
  const last = sizes.at(-1);
  if (!first || !last) return null;
  const summary = t("trend.summary", {
    from: format.date(first.day),
    before: format.count(first.size, "people"),
    to: format.date(last.day),
    after: format.count(last.size, "people"),
  });
  return (
    <Chart
      title={t("trend.sizes")}
      note={summary}
      summary={summary}
      draw={draw}
      height={200}
      table={{
        head: [t("trend.day"), t("column.size")],
        rows: [...sizes]
          .reverse()
          .map((one) => [format.date(one.day), format.count(one.size, "people")]),
      }}
    />
  );
}

/** Entries upwards, exits downwards: what came and what went on the same day stand together. */
function Flows({ trend }: { trend: Trend }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { flows } = trend;
  const entered = flows.reduce((sum, one) => sum + one.entered, 0);
  const left = flows.reduce((sum, one) => sum + one.left, 0);
  const draw = useCallback(
    (look: ChartLook) => ({
      grid: { left: 8, right: 16, top: 12, bottom: 4, containLabel: true },
      xAxis: { type: "category", data: flows.map((one) => format.day(one.day)), ...look.names },
      yAxis: {
        type: "value",
        minInterval: 1,
        ...look.numbers,
        axisLabel: {
          ...(look.numbers.axisLabel as object),
          formatter: (value: number) => format.number(Math.abs(value)),
        },
      },
      tooltip: {
        ...(look.base.tooltip as object),
        axisPointer: {
          ...(look.base.tooltip as { axisPointer: object }).axisPointer,
          type: "shadow",
        },
        formatter: ([at]: { dataIndex: number }[]) => {
          const one = at && flows[at.dataIndex];
          if (!one) return "";
          return tip(format.date(one.day), [
            {
              name: t("flow.entered"),
              value: format.count(one.entered, "people"),
              color: look.series[0],
            },
            { name: t("flow.left"), value: format.count(one.left, "people"), color: leftOf(look) },
          ]);
        },
      },
      series: [
        {
          type: "bar",
          stack: "flow",
          barMaxWidth: 18,
          data: flows.map((one) => one.entered),
          itemStyle: { color: look.series[0] },
        },
        {
          type: "bar",
          stack: "flow",
          barMaxWidth: 18,
          data: flows.map((one) => -one.left),
          itemStyle: { color: leftOf(look) },
        },
      ],
    }),
    [flows, format, t],
  );
  return (
    <Chart
      title={t("trend.flows")}
      summary={t("trend.flowsSummary", {
        entered: format.count(entered, "people"),
        left: format.count(left, "people"),
      })}
      note={t("trend.flowsSummary", {
        entered: format.count(entered, "people"),
        left: format.count(left, "people"),
      })}
      draw={draw}
      keys={[{ name: t("flow.entered") }, { name: t("flow.left"), color: leftOf }]}
      height={180}
      table={{
        head: [t("trend.day"), t("flow.entered"), t("flow.left")],
        rows: [...flows]
          .reverse()
          .map((one) => [
            format.date(one.day),
            format.count(one.entered, "people"),
            format.count(one.left, "people"),
          ]),
      }}
    />
  );
}

const leftOf = (look: ChartLook) => look.series[4] ?? look.palette.ink3;
