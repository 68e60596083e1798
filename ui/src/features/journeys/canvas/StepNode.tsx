/** One step on the canvas: a verb and an object, what is wrong with it, and how many are there. */
import {
  IconAlertTriangle,
  IconBan,
  IconFlame,
  IconHandStop,
  IconLogin2,
  IconShieldX,
} from "@tabler/icons-react";
import { Handle, type Node, type NodeProps, Position } from "@xyflow/react";
import { memo } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import { STEP_ICONS, STEP_TONES } from "../icons";
import type { StepKind } from "../model/graph";
import type { NodeFigures } from "../overlay";
import styles from "./canvas.module.css";

export interface StepData extends Record<string, unknown> {
  kind: StepKind | "entry";
  verb: string;
  object: string;
  refused: number;
  warned: number;
  selected: boolean;
  /** In the tab order: one of all steps is. */
  reachable: boolean;
  editable: boolean;
  figures: NodeFigures | null;
  /** A test walk has been here, or stands here. */
  visit: "been" | "here" | null;
  dimmed: boolean;
}

export const StepNode = memo(function StepNode({ id, data }: NodeProps<Node<StepData>>) {
  const { t } = useTranslation("journeys");
  const Icon = data.kind === "entry" ? IconLogin2 : STEP_ICONS[data.kind];
  const words = [
    `${data.verb}${t("colon")}${data.object}`,
    data.refused > 0 ? t("canvas.refused", { count: data.refused }) : "",
    data.warned > 0 ? t("canvas.warned", { count: data.warned }) : "",
    data.figures ? t("canvas.standing", { count: data.figures.people }) : "",
    data.figures?.glow ? t("live.bottleneck") : "",
  ].filter(Boolean);
  const button = (
    <div
      className={styles.step}
      role="button"
      tabIndex={data.reachable ? 0 : -1}
      aria-pressed={data.selected}
      aria-label={words.join(t("comma"))}
      data-step={id}
      data-tone={data.kind === "entry" ? "entry" : STEP_TONES[data.kind]}
      data-selected={data.selected || undefined}
      data-glow={data.figures?.glow || undefined}
      data-visit={data.visit ?? undefined}
      data-dimmed={data.dimmed || undefined}
    >
      {data.kind !== "entry" && (
        <Handle type="target" position={Position.Left} isConnectable={data.editable} />
      )}
      <span className={styles.icon}>
        <Icon size={18} stroke={1.6} aria-hidden />
      </span>
      <span className={styles.words}>
        <span className={styles.verb}>{data.verb}</span>{" "}
        <span className={styles.object} title={data.object}>
          {data.object}
        </span>
      </span>
      {(data.refused > 0 || data.warned > 0) && (
        <span className={styles.mark} data-level={data.refused > 0 ? "refuse" : "warn"}>
          {data.refused > 0 ? (
            <IconBan size={13} stroke={2} aria-hidden />
          ) : (
            <IconAlertTriangle size={13} stroke={2} aria-hidden />
          )}
        </span>
      )}
      {data.kind !== "exit" && (
        <Handle type="source" position={Position.Right} isConnectable={data.editable} />
      )}
    </div>
  );
  return (
    <>
      {button}
      {data.figures && <Figures figures={data.figures} entry={data.kind === "entry"} />}
    </>
  );
});

/** Below this a step takes no time worth telling, in seconds. */
const MOMENT = 60;

function Figures({ figures, entry }: { figures: NodeFigures; entry: boolean }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const idle = figures.people === 0 && figures.held === 0 && figures.stopped === 0;
  const took = figures.median !== null && figures.median >= MOMENT ? figures.median : null;
  if (idle && (entry || took === null)) return null;
  return (
    <span className={styles.figures} aria-hidden>
      <span className={styles.people}>{format.count(figures.people, "people")}</span>
      {took !== null && <span title={t("live.median")}>{format.duration(took)}</span>}
      {figures.held > 0 && (
        <span title={t("live.held", { count: figures.held })}>
          <IconHandStop size={12} /> {format.number(figures.held)}
        </span>
      )}
      {figures.stopped > 0 && (
        <span title={t("dry.stoppedHere", { count: figures.stopped })}>
          <IconShieldX size={12} /> {format.number(figures.stopped)}
        </span>
      )}
      {figures.glow && (
        <span className={styles.glow}>
          <IconFlame size={12} /> {t("live.bottleneck")}
        </span>
      )}
    </span>
  );
}
