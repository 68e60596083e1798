/** What React Flow is given: nodes and edges of a drawing, with their words and figures. */
import { type Edge, MarkerType, type Node } from "@xyflow/react";
import type { Drawing } from "../model/draw";
import type { Spot } from "../model/edit";
import type { Placed } from "../model/faults";
import { type Body, ENTRY } from "../model/graph";
import { figuresOf, type Overlay } from "../overlay";
import type { JourneyFault } from "../types";
import type { StepWords } from "../words";
import type { EndData } from "./EndNode";
import type { StepData } from "./StepNode";
import type { WayData } from "./WayLine";

interface Common {
  drawing: Drawing;
  body: Body;
  words: StepWords;
  overlay: Overlay | null;
  selected: string | null;
  readOnly: boolean;
  ask: (spot: Spot, target: Element) => void;
}

export function boxesOf(
  from: Common & {
    t: (key: string) => string;
    faults: ReadonlyMap<string, readonly Placed[]>;
  },
): Node<StepData | EndData>[] {
  const { drawing, body, words, overlay, selected, readOnly, ask, t } = from;
  const known = selected !== null && (selected === ENTRY || selected in body.steps);
  const visited = new Set(overlay?.visited);
  return drawing.boxes.map((box): Node<StepData | EndData> => {
    const common = {
      id: box.id,
      type: box.kind,
      position: box.at,
      width: box.width,
      height: box.height,
    };
    if (box.kind === "end") {
      const { edge } = box;
      const data: EndData = {
        editable: !readOnly,
        onAdd: (target) => edge && ask({ from: edge.from, way: edge.id }, target),
      };
      return { ...common, data, draggable: false, connectable: false };
    }
    const step = body.steps[box.id];
    const faults = from.faults.get(box.id) ?? [];
    const refused = faults.filter(({ fault }) => (fault as JourneyFault).level !== "warn").length;
    const data: StepData = {
      kind: step?.kind ?? "entry",
      verb: step ? words.verb(step) : t("canvas.entry"),
      object: step ? step.name || words.object(step) : words.entries(body),
      refused,
      warned: faults.length - refused,
      selected: box.id === selected,
      reachable: known ? box.id === selected : box.id === ENTRY,
      editable: !readOnly,
      figures:
        overlay && overlay.kind !== "test"
          ? (overlay.nodes.get(box.id === ENTRY ? "" : box.id) ?? null)
          : null,
      visit: overlay?.visited[0] === box.id ? "here" : visited.has(box.id) ? "been" : null,
      dimmed: overlay?.kind === "test" && box.id !== ENTRY && !visited.has(box.id),
    };
    return { ...common, data, draggable: !readOnly && box.kind === "step" };
  });
}

/** The same size however wide the line is. */
const ARROW = {
  type: MarkerType.ArrowClosed,
  color: "var(--en-line-strong)",
  markerUnits: "userSpaceOnUse",
  width: 18,
  height: 18,
} as const;
const THIN = 1.5;
const WIDEST = 6;

export function linesOf(from: Common): Edge<WayData>[] {
  const { drawing, body, words, overlay, selected, readOnly, ask } = from;
  const walked = new Set<string>();
  const trail = [...(overlay?.visited ?? [])].reverse();
  [ENTRY, ...trail].forEach((id, at, all) => {
    const next = all[at + 1];
    if (next !== undefined) walked.add(`${id}>${next}`);
  });
  return drawing.lines.map((line): Edge<WayData> => {
    const { edge } = line;
    const figures = overlay && overlay.kind !== "test" ? figuresOf(overlay, line) : null;
    const lit = selected === line.source || selected === line.target;
    const passed = walked.has(`${line.source}>${line.target}`);
    return {
      id: edge.key,
      type: "way",
      source: line.source,
      target: line.target,
      reconnectable: readOnly ? false : "target",
      markerEnd: edge.to === null ? undefined : ARROW,
      data: {
        label: words.way(body.steps[edge.from], edge),
        bends: line.bends,
        back: line.back,
        lane: line.lane,
        lanes: line.lanes,
        editable: !readOnly && edge.to !== null,
        figures,
        walked: passed,
        lit,
        dimmed:
          (overlay?.kind === "test" && !passed) ||
          (overlay !== null && overlay.kind !== "test" && (figures?.people ?? 0) === 0),
        width: figures && overlay ? THIN + (WIDEST - THIN) * (figures.people / overlay.most) : THIN,
        onAdd: (target) => ask({ from: edge.from, way: edge.id }, target),
      },
    };
  });
}
