/** A way from one step to the next: its label, what passed along it, and a place to put a step in. */
import { IconPlus } from "@tabler/icons-react";
import { BaseEdge, type Edge, EdgeLabelRenderer, type EdgeProps } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import type { Point } from "../model/graph";
import type { EdgeFigures } from "../overlay";
import styles from "./canvas.module.css";

export interface WayData extends Record<string, unknown> {
  label: string;
  bends: readonly Point[];
  back: boolean;
  lane: number;
  lanes: number;
  editable: boolean;
  figures: EdgeFigures | null;
  /** Of a test walk. */
  walked: boolean;
  lit: boolean;
  dimmed: boolean;
  /** px */
  width: number;
  onAdd: (target: HTMLElement) => void;
}

const LANE = 34;
const BELOW = 64;

/** A smooth line through its points, level where it meets them. */
function smooth(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return "";
  let path = `M ${first.x} ${first.y}`;
  let here = first;
  for (const next of rest) {
    const half = (next.x - here.x) / 2;
    path += ` C ${here.x + half} ${here.y}, ${next.x - half} ${next.y}, ${next.x} ${next.y}`;
    here = next;
  }
  return path;
}

/** The line, and the point of its label. */
function pathOf(from: Point, to: Point, data: WayData): { path: string; at: Point } {
  if (data.back || to.x < from.x + 8) {
    const below = Math.max(from.y, to.y) + BELOW + data.lane * LANE;
    const reach = 48;
    const path = [
      `M ${from.x} ${from.y}`,
      `C ${from.x + reach} ${from.y}, ${from.x + reach} ${below}, ${from.x} ${below}`,
      `L ${to.x} ${below}`,
      `C ${to.x - reach} ${below}, ${to.x - reach} ${to.y}, ${to.x} ${to.y}`,
    ].join(" ");
    return { path, at: { x: (from.x + to.x) / 2, y: below } };
  }
  const aside = (data.lane - (data.lanes - 1) / 2) * LANE;
  const middle = { x: (from.x + to.x) / 2, y: (from.y + to.y) / 2 + aside };
  const points =
    data.bends.length > 0
      ? [from, ...data.bends, to]
      : data.lanes > 1
        ? [from, middle, to]
        : [from, to];
  // The label stands between the step and the first point, where the ways have parted.
  const [, second = to] = points;
  const at =
    data.bends.length > 0 ? { x: (from.x + second.x) / 2, y: (from.y + second.y) / 2 } : middle;
  return { path: smooth(points), at };
}

export const WayLine = memo(function WayLine(props: EdgeProps<Edge<WayData>>) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { data } = props;
  if (!data) return null;
  const { path, at } = pathOf(
    { x: props.sourceX, y: props.sourceY },
    { x: props.targetX, y: props.targetY },
    data,
  );
  const { figures } = data;
  return (
    <>
      <BaseEdge
        id={props.id}
        path={path}
        className={styles.line}
        markerEnd={props.markerEnd}
        interactionWidth={24}
        style={{ strokeWidth: data.width }}
        data-lit={data.lit || undefined}
        data-walked={data.walked || undefined}
        data-dimmed={data.dimmed || undefined}
      />
      <EdgeLabelRenderer>
        <div
          className={`${styles.label} nodrag nopan`}
          style={{ transform: `translate(-50%, -50%) translate(${at.x}px, ${at.y}px)` }}
          data-dimmed={data.dimmed || undefined}
          data-lit={data.lit || undefined}
        >
          <span className={styles.wayText}>
            {data.label && (
              <span className={styles.wayWords} title={data.label}>
                {data.label}
              </span>
            )}
            {figures && (
              <span className={styles.passed}>
                {format.count(figures.people, "people")}
                {figures.share < 1 && figures.people > 0 && (
                  <span className={styles.share}>{format.percent(figures.share)}</span>
                )}
              </span>
            )}
          </span>
          {data.editable && (
            <button
              type="button"
              className={styles.insert}
              tabIndex={-1}
              aria-label={t("canvas.insert")}
              title={t("canvas.insert")}
              onClick={(event) => {
                event.stopPropagation();
                data.onAdd(event.currentTarget);
              }}
            >
              <IconPlus size={12} stroke={2.2} aria-hidden />
            </button>
          )}
        </div>
      </EdgeLabelRenderer>
    </>
  );
});
