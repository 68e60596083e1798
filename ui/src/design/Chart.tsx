/**
 * A chart that can be read without seeing it: a figure with its caption, a key in words, and the
 * same numbers as a table.
 */
import { Button, useComputedColorScheme } from "@mantine/core";
import { useReducedMotion } from "@mantine/hooks";
import { IconChartBar, IconTable } from "@tabler/icons-react";
import { lazy, type ReactNode, Suspense, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import styles from "./Chart.module.css";
import { type ChartLook, chartLook } from "./chartLook";

export type { ChartLook } from "./chartLook";
export { tip } from "./chartLook";

const Picture = lazy(async () => ({ default: (await import("./ChartPicture")).ChartPicture }));

interface ChartProps {
  title: string;
  /** Quieter words behind the title: the period, the total. */
  note?: ReactNode;
  /** What the picture tells, in a sentence: for those who do not see it. */
  summary: string;
  /** The option of ECharts, drawn in `look`. Keep the function's identity while nothing changes. */
  draw: (look: ChartLook) => Record<string, unknown>;
  /** The series' names; their colours are `look.series` in the same order, unless one is given. */
  keys?: readonly { name: string; color?: (look: ChartLook) => string }[];
  table: { head: readonly string[]; rows: readonly (readonly ReactNode[])[] };
  height?: number;
  /** Actions on this chart. */
  actions?: ReactNode;
}

export function Chart(props: ChartProps) {
  const { title, note, summary, draw, keys = [], table, height = 220, actions } = props;
  const { t } = useTranslation("design");
  const scheme = useComputedColorScheme("light");
  const reduced = useReducedMotion();
  const [asTable, setAsTable] = useState(false);
  const look = useMemo(() => chartLook(scheme, reduced), [scheme, reduced]);
  const option = useMemo(() => ({ ...look.base, ...draw(look) }), [look, draw]);
  const Icon = asTable ? IconChartBar : IconTable;
  return (
    <figure className={styles.figure}>
      <figcaption className={styles.caption}>
        <span className={styles.words}>
          <span className={styles.title}>{title}</span>
          {note && <span className={styles.note}>{note}</span>}
        </span>
        <span className={styles.actions}>
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            leftSection={<Icon size={14} aria-hidden />}
            onClick={() => setAsTable(!asTable)}
          >
            {t(asTable ? "chart.picture" : "chart.table")}
          </Button>
          {actions}
        </span>
      </figcaption>
      {asTable ? (
        <ChartTable title={title} table={table} height={height} />
      ) : (
        <>
          {keys.length > 0 && (
            <ul className={styles.keys}>
              {keys.map((key, index) => (
                <li key={key.name}>
                  <span
                    className={styles.swatch}
                    style={{ background: key.color?.(look) ?? look.series[index] }}
                    aria-hidden
                  />
                  {key.name}
                </li>
              ))}
            </ul>
          )}
          <Suspense fallback={<div style={{ height }} />}>
            <Picture option={option} height={height} label={summary} />
          </Suspense>
        </>
      )}
    </figure>
  );
}

function ChartTable(props: { title: string; table: ChartProps["table"]; height: number }) {
  const { title, table, height } = props;
  return (
    <div
      className={styles.scroll}
      style={{ maxHeight: height + 40 }}
      tabIndex={0}
      role="region"
      aria-label={title}
    >
      <table className={styles.table} aria-label={title}>
        <thead>
          <tr>
            {table.head.map((word) => (
              <th key={word} scope="col">
                {word}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {table.rows.map((row, index) => (
            <tr key={index}>
              {row.map((cell, at) =>
                at === 0 ? (
                  <th key={table.head[at]} scope="row">
                    {cell}
                  </th>
                ) : (
                  <td key={table.head[at]}>{cell}</td>
                ),
              )}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
