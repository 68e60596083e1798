/** What a dry run found: a sentence, figures, stops by reason, load by hour, branches, people. */
import { Tabs } from "@mantine/core";
import { type ReactNode, useCallback, useState } from "react";
import { useTranslation } from "react-i18next";
import { Chart, type ChartLook, tip } from "@/design/Chart";
import { useFormat } from "@/design/useFormat";
import styles from "./flow.module.css";
import tables from "./journeys.module.css";
import { StoryLines } from "./StoryPanel";
import type { DryResult } from "./types";

const FIGURES = [
  "entered",
  "contacts",
  "allowed",
  "deferred",
  "stopped",
  "tasks",
  "inside",
] as const;
const VIEWS = ["stops", "hours", "days", "branches", "people"] as const;

export function DryResults({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  return (
    <div className={styles.results}>
      <p className={styles.verdict} role="status">
        {result.sentence}
      </p>
      <dl className={styles.figures}>
        {FIGURES.map((name) => (
          <div key={name}>
            <dt>{t(`dry.figure.${name}`)}</dt>
            <dd>
              {format.count(
                result[name],
                name === "entered" || name === "inside" ? "people" : "items",
              )}
            </dd>
          </div>
        ))}
      </dl>
      <Tabs defaultValue="stops" keepMounted={false}>
        <Tabs.List mb="sm">
          {VIEWS.map((view) => (
            <Tabs.Tab key={view} value={view}>
              {t(`dry.view.${view}`)}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="stops">
          <Stops result={result} />
        </Tabs.Panel>
        <Tabs.Panel value="hours">
          <Hours result={result} />
        </Tabs.Panel>
        <Tabs.Panel value="days">
          <Days result={result} />
        </Tabs.Panel>
        <Tabs.Panel value="branches">
          <Branches result={result} />
        </Tabs.Panel>
        <Tabs.Panel value="people">
          <People result={result} />
        </Tabs.Panel>
      </Tabs>
      {result.notes.length > 0 && (
        <ul className={styles.notes}>
          {result.notes.map((note) => (
            <li key={note}>{note}</li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Table({ head, rows }: { head: readonly string[]; rows: readonly ReactNode[][] }) {
  return (
    <table className={tables.table}>
      <thead>
        <tr>
          {head.map((word, at) => (
            <th key={word} scope="col" className={at > 0 ? tables.numeric : undefined}>
              {word}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((row, index) => (
          <tr key={index}>
            {row.map((cell, at) =>
              at === 0 ? (
                <th key={head[at]} scope="row">
                  {cell}
                </th>
              ) : (
                <td key={head[at]} className={tables.numeric}>
                  {cell}
                </td>
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function Stops({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  if (result.stops.length === 0) return <p className="muted">{t("dry.noStops")}</p>;
  return (
    <Table
      head={[t("dry.reason"), t("dry.stopped"), t("dry.deferred")]}
      rows={result.stops.map((one) => [
        one.label,
        format.count(one.stopped, "items"),
        format.count(one.deferred, "items"),
      ])}
    />
  );
}

function Hours({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { hours } = result;
  const hour = useCallback((value: number) => t("dry.hour", { hour: value }), [t]);
  const draw = useCallback(
    (look: ChartLook) => ({
      grid: { left: 44, right: 12, top: 12, bottom: 28 },
      xAxis: { type: "category", data: hours.map((one) => one.hour), ...look.names },
      yAxis: { type: "value", minInterval: 1, ...look.numbers },
      series: [
        {
          type: "bar",
          data: hours.map((one) => one.contacts),
          itemStyle: { color: look.series[0] },
          barMaxWidth: 22,
        },
      ],
      tooltip: {
        ...(look.base.tooltip as object),
        formatter: (points: { dataIndex: number }[]) => {
          const one = hours[points[0]?.dataIndex ?? 0];
          return tip(hour(one?.hour ?? 0), [
            { name: t("dry.contacts"), value: format.count(one?.contacts, "items") },
            { name: t("dry.mostInHour"), value: format.count(one?.most, "items") },
          ]);
        },
      },
    }),
    [hours, hour, t, format],
  );
  const busiest = hours.reduce((a, b) => (b.most > a.most ? b : a), {
    hour: 0,
    contacts: 0,
    most: 0,
  });
  const summary = t("dry.hoursSummary", {
    hour: hour(busiest.hour),
    most: format.count(busiest.most, "items"),
  });
  return (
    <Chart
      title={t("dry.view.hours")}
      note={summary}
      summary={summary}
      draw={draw}
      height={180}
      table={{
        head: [t("dry.time"), t("dry.contacts"), t("dry.mostInHour")],
        rows: hours.map((one) => [
          hour(one.hour),
          format.count(one.contacts, "items"),
          format.count(one.most, "items"),
        ]),
      }}
    />
  );
}

function Days({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { days } = result;
  const draw = useCallback(
    (look: ChartLook) => ({
      grid: { left: 44, right: 12, top: 12, bottom: 28 },
      xAxis: { type: "category", data: days.map((one) => format.day(one.day)), ...look.names },
      yAxis: { type: "value", minInterval: 1, ...look.numbers },
      series: (["entered", "contacts", "stopped"] as const).map((name, at) => ({
        type: "line",
        showSymbol: false,
        data: days.map((one) => one[name]),
        lineStyle: { color: look.series[at], width: 2 },
        itemStyle: { color: look.series[at] },
      })),
      tooltip: {
        ...(look.base.tooltip as object),
        formatter: (points: { dataIndex: number }[]) => {
          const one = days[points[0]?.dataIndex ?? 0];
          return tip(format.date(one?.day), [
            { name: t("dry.figure.entered"), value: format.count(one?.entered, "people") },
            { name: t("dry.contacts"), value: format.count(one?.contacts, "items") },
            { name: t("dry.stopped"), value: format.count(one?.stopped, "items") },
          ]);
        },
      },
    }),
    [days, t, format],
  );
  const keys = [
    { name: t("dry.figure.entered") },
    { name: t("dry.contacts") },
    { name: t("dry.stopped") },
  ];
  return (
    <Chart
      title={t("dry.view.days")}
      summary={result.sentence}
      draw={draw}
      keys={keys}
      height={180}
      table={{
        head: [t("dry.day"), ...keys.map((key) => key.name)],
        rows: days.map((one) => [
          format.date(one.day),
          format.count(one.entered, "people"),
          format.count(one.contacts, "items"),
          format.count(one.stopped, "items"),
        ]),
      }}
    />
  );
}

function Branches({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  if (result.branches.length === 0) return <p className="muted">{t("dry.noBranches")}</p>;
  return (
    <Table
      head={[t("dry.branch"), t("dry.contacts"), t("dry.figure.tasks"), t("dry.mostTasks")]}
      rows={result.branches.map((one) => [
        one.branch || t("dry.noBranch"),
        format.count(one.contacts, "items"),
        format.count(one.tasks, "items"),
        format.count(one.most_tasks_a_day, "items"),
      ])}
    />
  );
}

function People({ result }: { result: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const [open, setOpen] = useState<number | null>(null);
  if (result.people.length === 0) return <p className="muted">{t("dry.noPeople")}</p>;
  return (
    <ul className={tables.few}>
      {result.people.map((one, at) => (
        <li key={`${one.person}:${one.key}:${one.entered_at}`}>
          <button
            type="button"
            className={tables.walk}
            aria-expanded={open === at}
            onClick={() => setOpen(open === at ? null : at)}
          >
            <span>{one.display}</span>
            <span className="muted">
              {[
                one.entered_at ? format.dateTime(one.entered_at) : t("people.hidden"),
                t("dry.received", { count: one.contacts }),
                one.stopped > 0 ? t("dry.heldBack", { count: one.stopped }) : "",
                one.end,
              ]
                .filter(Boolean)
                .join(t("dot"))}
            </span>
          </button>
          {open === at && <StoryLines lines={one.lines} />}
        </li>
      ))}
    </ul>
  );
}
