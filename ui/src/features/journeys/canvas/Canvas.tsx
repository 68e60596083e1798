/** The journey as a picture, left to right; drawn on with the mouse, by touch or by keys. */
import "@xyflow/react/dist/style.css";
import { useComputedColorScheme } from "@mantine/core";
import {
  Background,
  type Connection,
  Controls,
  type Edge,
  type Node,
  ReactFlow,
  ReactFlowProvider,
  useReactFlow,
} from "@xyflow/react";
import { type DragEvent, useCallback, useEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { type Drawing, draw, lineAt } from "../model/draw";
import type { Spot } from "../model/edit";
import type { Placed } from "../model/faults";
import { type Body, ENTRY, type Point, STEP_KINDS, type StepKind } from "../model/graph";
import { BOX } from "../model/layout";
import { waysOf } from "../model/ways";
import type { Overlay } from "../overlay";
import { useWords } from "../words";
import { AddMenu } from "./AddMenu";
import styles from "./canvas.module.css";
import { EndNode } from "./EndNode";
import { boxesOf, linesOf } from "./elements";
import { STEP_DATA } from "./Palette";
import { StepNode } from "./StepNode";
import { useCanvasKeys } from "./useCanvasKeys";
import { WayLine } from "./WayLine";

const nodeTypes = { entry: StepNode, step: StepNode, end: EndNode };
const edgeTypes = { way: WayLine };
const FIT = { padding: 0.08, maxZoom: 1, minZoom: 0.3 } as const;
/** The smallest zoom to begin with: a longer journey is begun at its entry. */
const READABLE = 0.86;
const MARGIN = 40;
/** How near a drop has to be to a line to be put into it, in px. */
const NEAR = 44;

export interface CanvasProps {
  body: Body;
  readOnly: boolean;
  selected: string | null;
  onSelect: (id: string | null, quietly?: boolean) => void;
  faults: ReadonlyMap<string, readonly Placed[]>;
  overlay: Overlay | null;
  onInsert: (spot: Spot, kind: StepKind) => void;
  onFlow?: ((spot: Spot) => void) | undefined;
  onDrop: (kind: StepKind, at: Point) => void;
  onConnect: (spot: Spot, to: string | null) => void;
  onMove: (id: string, at: Point) => void;
  onRemove: (id: string) => void;
  onUndo: () => void;
  onRedo: () => void;
}

export default function Canvas(props: CanvasProps) {
  return (
    <ReactFlowProvider>
      <Drawn {...props} />
    </ReactFlowProvider>
  );
}

interface Adding {
  spot: Spot;
  at: { x: number; y: number };
}

function Drawn(props: CanvasProps) {
  const { body, readOnly, selected, onSelect, overlay } = props;
  const { t } = useTranslation("journeys");
  const words = useWords();
  const scheme = useComputedColorScheme("light");
  const flow = useReactFlow();
  const frame = useRef<HTMLDivElement>(null);
  const drawing = useMemo(() => draw(body), [body]);
  const [dragged, setDragged] = useState<{ id: string; at: Point } | null>(null);
  const [adding, setAdding] = useState<Adding | null>(null);
  const ask = useCallback((spot: Spot, target: Element) => {
    const box = target.getBoundingClientRect();
    setAdding({ spot, at: { x: box.left, y: box.bottom + 4 } });
  }, []);
  const nodes = useMemo(
    () =>
      boxesOf({ drawing, body, words, t, faults: props.faults, overlay, selected, readOnly, ask }),
    [drawing, body, words, t, props.faults, overlay, selected, readOnly, ask],
  );
  const edges = useMemo(
    () => linesOf({ drawing, body, words, overlay, selected, readOnly, ask }),
    [drawing, body, words, overlay, selected, readOnly, ask],
  );
  const shown = useMemo(
    () =>
      dragged
        ? nodes.map((node) => (node.id === dragged.id ? { ...node, position: dragged.at } : node))
        : nodes,
    [nodes, dragged],
  );
  const keys = useCanvasKeys({ ...props, drawing, frame, ask });
  useFollow(drawing, selected, frame);
  useMiddle(frame);
  const label = useMemo(() => controlLabels(t), [t]);

  const onConnect = useCallback(
    (made: Connection) => {
      const spot = spotOf(body, made.source);
      if (spot && made.target !== ENTRY) props.onConnect(spot, made.target);
    },
    [body, props.onConnect],
  );

  const onDrop = (event: DragEvent) => {
    const kind = STEP_KINDS.find((one) => one === event.dataTransfer.getData(STEP_DATA));
    if (!kind) return;
    event.preventDefault();
    const at = flow.screenToFlowPosition({ x: event.clientX, y: event.clientY });
    const line = lineAt(drawing, at, NEAR);
    if (line) props.onInsert({ from: line.edge.from, way: line.edge.id }, kind);
    else props.onDrop(kind, { x: at.x - BOX.width / 2, y: at.y - BOX.height / 2 });
  };

  return (
    <section
      ref={frame}
      className={styles.canvas}
      aria-label={t("canvas.title")}
      onKeyDown={keys}
      onDragOver={(event) => {
        if (readOnly || !event.dataTransfer.types.includes(STEP_DATA)) return;
        event.preventDefault();
        event.dataTransfer.dropEffect = "copy";
      }}
      onDrop={readOnly ? undefined : onDrop}
    >
      <p className={styles.hidden} id="canvas-keys">
        {t(readOnly ? "canvas.keysRead" : "canvas.keys")}
      </p>
      <ReactFlow
        nodes={shown}
        edges={edges}
        nodeTypes={nodeTypes}
        edgeTypes={edgeTypes}
        onNodeClick={(_, node) => {
          if (node.type !== "end") onSelect(node.id);
        }}
        onPaneClick={() => onSelect(null)}
        onNodeDrag={(_, node) => setDragged({ id: node.id, at: node.position })}
        onNodeDragStop={(_, node) => {
          setDragged(null);
          if (!readOnly && moved(drawing, node)) props.onMove(node.id, node.position);
        }}
        onConnect={onConnect}
        onReconnect={(edge, made) => {
          const spot = spotOfEdge(drawing, edge);
          if (spot && made.target !== ENTRY) props.onConnect(spot, made.target);
        }}
        onInit={() => begin(flow, drawing, frame.current)}
        minZoom={0.2}
        maxZoom={1.5}
        colorMode={scheme}
        nodesDraggable={!readOnly}
        nodesConnectable={!readOnly}
        edgesReconnectable={!readOnly}
        nodesFocusable={false}
        edgesFocusable={false}
        elementsSelectable={false}
        disableKeyboardA11y
        deleteKeyCode={null}
        selectionKeyCode={null}
        multiSelectionKeyCode={null}
        panActivationKeyCode={null}
        nodeDragThreshold={4}
        ariaLabelConfig={label}
        style={{ background: "transparent" }}
      >
        <Background gap={24} size={1} color="var(--en-line)" />
        <Controls showInteractive={false} position="bottom-left" fitViewOptions={FIT} />
      </ReactFlow>
      <AddMenu
        at={adding?.at ?? null}
        onClose={() => setAdding(null)}
        onPick={(kind) => {
          if (adding) props.onInsert(adding.spot, kind);
          setAdding(null);
        }}
        onFlow={props.onFlow && (() => adding && props.onFlow?.(adding.spot))}
      />
    </section>
  );
}

/** What is in the middle stays there when a bar opens above or below. */
function useMiddle(frame: React.RefObject<HTMLElement | null>) {
  const flow = useReactFlow();
  useEffect(() => {
    const element = frame.current;
    if (!element) return;
    let height = element.clientHeight;
    const watch = new ResizeObserver(() => {
      const by = element.clientHeight - height;
      height = element.clientHeight;
      if (by === 0 || !flow.viewportInitialized) return;
      const at = flow.getViewport();
      void flow.setViewport({ ...at, y: at.y + by / 2 });
    });
    watch.observe(element);
    return () => watch.disconnect();
  }, [flow, frame]);
}

/** Keeps the chosen step in sight, and the keys with it when they were on the canvas. */
function useFollow(
  drawing: Drawing,
  selected: string | null,
  frame: React.RefObject<HTMLElement | null>,
) {
  const flow = useReactFlow();
  const latest = useRef(drawing);
  latest.current = drawing;
  useEffect(() => {
    const box = latest.current.boxes.find((one) => one.id === selected);
    const room = frame.current?.getBoundingClientRect();
    if (!box || !room) return;
    const timer = setTimeout(() => {
      // A menu that has opened meanwhile keeps the keys; one that has closed gives them back.
      const focus = document.activeElement;
      if (focus === document.body || frame.current?.contains(focus)) {
        frame.current
          ?.querySelector<HTMLElement>(`[data-step="${CSS.escape(box.id)}"]`)
          ?.focus({ preventScroll: true });
      }
      const now = frame.current?.getBoundingClientRect();
      if (!now) return;
      const a = flow.flowToScreenPosition(box.at);
      const b = flow.flowToScreenPosition({ x: box.at.x + box.width, y: box.at.y + box.height });
      if (a.x >= now.left && a.y >= now.top && b.x <= now.right && b.y <= now.bottom) return;
      void flow.setCenter(box.at.x + box.width / 2, box.at.y + box.height / 2, {
        zoom: flow.getZoom(),
      });
    }, 30);
    return () => clearTimeout(timer);
  }, [selected, flow, frame]);
}

/** All of it where it can be read so; else from the entry on. */
function begin(flow: ReturnType<typeof useReactFlow>, drawing: Drawing, room: HTMLElement | null) {
  const size = room?.getBoundingClientRect();
  if (!size) return;
  const { boxes } = drawing;
  const left = Math.min(...boxes.map((box) => box.at.x));
  const top = Math.min(...boxes.map((box) => box.at.y));
  const width = Math.max(...boxes.map((box) => box.at.x + box.width)) - left;
  const height = Math.max(...boxes.map((box) => box.at.y + box.height)) - top;
  const fits = Math.min((size.width - 2 * MARGIN) / width, (size.height - 2 * MARGIN) / height, 1);
  const zoom = Math.max(fits, READABLE);
  const wide = width * zoom > size.width - 2 * MARGIN;
  const tall = height * zoom > size.height - 2 * MARGIN;
  const entry = boxes.find((box) => box.id === ENTRY);
  const middle = tall && entry ? entry.at.y + entry.height / 2 : top + height / 2;
  void flow.setViewport({
    zoom,
    x: wide ? MARGIN - left * zoom : (size.width - width * zoom) / 2 - left * zoom,
    y: size.height / 2 - middle * zoom,
  });
}

function moved(drawing: Drawing, node: Node): boolean {
  const box = drawing.boxes.find((one) => one.id === node.id);
  return !box || Math.hypot(box.at.x - node.position.x, box.at.y - node.position.y) > 2;
}

/** A line drawn from a step's handle is its first open way, else its first. */
function spotOf(body: Body, source: string): Spot | null {
  if (source === ENTRY) return { from: ENTRY, way: "next" };
  const step = body.steps[source];
  const ways = step ? waysOf(step) : [];
  const way =
    ways.find((one) => one.to === null) ?? ways.find((one) => one.id === "next") ?? ways[0];
  return way ? { from: source, way: way.id } : null;
}

function spotOfEdge(drawing: Drawing, edge: Edge): Spot | null {
  const line = drawing.lines.find((one) => one.edge.key === edge.id);
  return line ? { from: line.edge.from, way: line.edge.id } : null;
}

function controlLabels(t: (key: string) => string) {
  return {
    "controls.ariaLabel": t("canvas.controls"),
    "controls.zoomIn.ariaLabel": t("canvas.zoomIn"),
    "controls.zoomOut.ariaLabel": t("canvas.zoomOut"),
    "controls.fitView.ariaLabel": t("canvas.fit"),
  };
}
