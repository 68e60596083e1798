/** A journey as boxes and lines: where each stands, however it came there. Pure. */
import { type Body, ENTRY, type Point } from "./graph";
import { BOX, END, layOut, targetId } from "./layout";
import { type Edge, edgesOf } from "./ways";

export interface Box {
  id: string;
  kind: "entry" | "step" | "end";
  at: Point;
  width: number;
  height: number;
  /** Of an end: the way that ends here. */
  edge: Edge | null;
}

export interface Line {
  edge: Edge;
  source: string;
  target: string;
  /** Points it passes through; none where an end was placed by hand. */
  bends: readonly Point[];
  back: boolean;
  /** Which of how many lines between the same two boxes. */
  lane: number;
  lanes: number;
}

export interface Drawing {
  boxes: Box[];
  lines: Line[];
}

export function draw(body: Body): Drawing {
  const laid = layOut(body);
  const edges = edgesOf(body);
  const byHand = body.layout;
  const placeOf = (id: string): Point => byHand[id] ?? laid.places.get(id) ?? { x: 0, y: 0 };
  const boxes: Box[] = [ENTRY, ...Object.keys(body.steps)].map((id) => ({
    id,
    kind: id === ENTRY ? "entry" : "step",
    at: placeOf(id),
    width: BOX.width,
    height: BOX.height,
    edge: null,
  }));
  const together = new Map<string, number>();
  for (const edge of edges) {
    const pair = `${edge.from}>${targetId(edge)}`;
    together.set(pair, (together.get(pair) ?? 0) + 1);
  }
  const met = new Map<string, number>();
  const lines = edges.map((edge): Line => {
    const target = targetId(edge);
    const pair = `${edge.from}>${target}`;
    const lane = met.get(pair) ?? 0;
    met.set(pair, lane + 1);
    const moved = edge.from in byHand || target in byHand;
    if (edge.to === null) boxes.push(endOf(edge, target, placeOf, laid.places, byHand));
    return {
      edge,
      source: edge.from,
      target,
      bends: moved ? [] : (laid.bends.get(edge.key) ?? []),
      back: laid.back.has(edge.key),
      lane,
      lanes: together.get(pair) ?? 1,
    };
  });
  return { boxes, lines };
}

/** An open end follows its step when that was placed by hand. */
function endOf(
  edge: Edge,
  id: string,
  placeOf: (id: string) => Point,
  places: ReadonlyMap<string, Point>,
  byHand: Body["layout"],
): Box {
  const own = placeOf(id);
  const auto = places.get(edge.from);
  const hand = byHand[edge.from];
  const at = hand && auto ? { x: own.x + hand.x - auto.x, y: own.y + hand.y - auto.y } : own;
  return { id, kind: "end", at, width: END.width, height: END.height, edge };
}

type Direction = "left" | "right" | "up" | "down";

/** The box that an arrow key leads to; null when there is none that way. */
export function neighbour(drawing: Drawing, id: string, direction: Direction): string | null {
  const open = drawing.boxes.filter((box) => box.kind !== "end");
  const here = open.find((box) => box.id === id);
  if (!here) return null;
  if (direction === "left" || direction === "right") {
    const tied = drawing.lines
      .filter((line) => (direction === "right" ? line.source : line.target) === id && !line.back)
      .map((line) => (direction === "right" ? line.target : line.source));
    const found = open.filter((box) => tied.includes(box.id));
    return nearest(here, found, "across")?.id ?? null;
  }
  const sign = direction === "down" ? 1 : -1;
  const beyond = open.filter((box) => (box.at.y - here.at.y) * sign > BOX.height / 2);
  return nearest(here, beyond, "along")?.id ?? null;
}

function nearest(here: Box, boxes: readonly Box[], way: "across" | "along"): Box | null {
  const far = (box: Box) => {
    const dx = Math.abs(box.at.x - here.at.x);
    const dy = Math.abs(box.at.y - here.at.y);
    return way === "across" ? dy * 4 + dx : dx * 4 + dy;
  };
  let found: Box | null = null;
  for (const box of boxes) if (!found || far(box) < far(found)) found = box;
  return found;
}

/** The line that passes nearest to a point, no farther than `within` px: where a drop goes in. */
export function lineAt(drawing: Drawing, point: Point, within: number): Line | null {
  const boxes = new Map(drawing.boxes.map((box) => [box.id, box]));
  let found: { line: Line; far: number } | null = null;
  for (const line of drawing.lines) {
    const from = boxes.get(line.source);
    const to = boxes.get(line.target);
    if (!from || !to || line.back) continue;
    const path = [
      { x: from.at.x + from.width, y: from.at.y + from.height / 2 },
      ...line.bends,
      { x: to.at.x, y: to.at.y + to.height / 2 },
    ];
    for (let at = 1; at < path.length; at += 1) {
      const far = distance(point, path[at - 1] as Point, path[at] as Point);
      if (far <= within && (!found || far < found.far)) found = { line, far };
    }
  }
  return found?.line ?? null;
}

function distance(point: Point, a: Point, b: Point): number {
  const dx = b.x - a.x;
  const dy = b.y - a.y;
  const length = dx * dx + dy * dy;
  const share = length === 0 ? 0 : ((point.x - a.x) * dx + (point.y - a.y) * dy) / length;
  const t = Math.max(0, Math.min(1, share));
  return Math.hypot(point.x - (a.x + t * dx), point.y - (a.y + t * dy));
}
