/**
 * Where the steps of a journey stand, in px: layers from left to right.
 *
 * Sugiyama's four passes over a small graph: loops are opened, each step is one layer beyond the
 * last that leads to it, the order within a layer follows its neighbours' (barycentre), and heights
 * come as near to the neighbours' as the distances allow (least squares, pool adjacent violators).
 */
import { type Body, ENTRY, type Point } from "./graph";
import { type Edge, edgesOf } from "./ways";

export const BOX = { width: 224, height: 72, gapX: 148, gapY: 36 } as const;
/** Between layers where no way has a name to be read. */
const NARROW = 92;
/** Where a way ends: a small open circle. */
export const END = { width: 26, height: 26 } as const;
/** The room a line needs that passes through a layer. */
const LANE = 20;
const SWEEPS = 6;

export function endId(edge: Pick<Edge, "key">): string {
  return `end:${edge.key}`;
}

export interface Laid {
  /** The upper left corner of every step, of the entry, and of every end. */
  places: Map<string, Point>;
  /** Points that a long line passes through, by edge. */
  bends: Map<string, Point[]>;
  /** Edges that lead back to where the walk has been. */
  back: Set<string>;
}

interface Item {
  id: string;
  layer: number;
  height: number;
  before: Item[];
  after: Item[];
  y: number;
}

export function targetId(edge: Edge): string {
  return edge.to ?? endId(edge);
}

export function layOut(body: Body): Laid {
  const edges = edgesOf(body);
  const out = new Map<string, Edge[]>();
  for (const edge of edges) out.set(edge.from, [...(out.get(edge.from) ?? []), edge]);
  const { order, back } = openLoops(body, out);
  const layers = layersOf(order, out, back);
  const { items, lanes } = itemsOf(order, edges, back, layers);
  const columns = columnsOf(items);
  sortColumns(columns);
  for (let sweep = 0; sweep < SWEEPS; sweep += 1) settle(columns, sweep % 2 === 0);
  const top = Math.min(...items.map((item) => item.y - item.height / 2));
  const places = new Map<string, Point>();
  const left = leftsOf(columns.length, out, layers);
  for (const item of items) {
    places.set(item.id, { x: left[item.layer] ?? 0, y: item.y - item.height / 2 - top });
  }
  const bends = new Map<string, Point[]>();
  for (const [key, lane] of lanes) {
    bends.set(
      key,
      lane.map((item) => ({ x: (left[item.layer] ?? 0) + BOX.width / 2, y: item.y - top })),
    );
    for (const item of lane) places.delete(item.id);
  }
  return { places, bends, back };
}

/** Where each layer begins: wider apart after steps whose ways have names. */
function leftsOf(
  count: number,
  out: ReadonlyMap<string, Edge[]>,
  layers: ReadonlyMap<string, number>,
): number[] {
  const named = new Set(
    [...out].flatMap(([id, ways]) => (ways.length > 1 ? [layers.get(id) ?? 0] : [])),
  );
  const left = [0];
  for (let layer = 1; layer < count; layer += 1) {
    const gap = named.has(layer - 1) ? BOX.gapX : NARROW;
    left.push((left[layer - 1] ?? 0) + BOX.width + gap);
  }
  return left;
}

/** Steps in the order a walk meets them, and the edges that close a loop. */
function openLoops(body: Body, out: ReadonlyMap<string, Edge[]>) {
  const order: string[] = [];
  const back = new Set<string>();
  const state = new Map<string, "open" | "done">();
  const visit = (id: string) => {
    state.set(id, "open");
    for (const edge of out.get(id) ?? []) {
      if (edge.to === null) continue;
      const seen = state.get(edge.to);
      if (seen === "open") back.add(edge.key);
      else if (seen === undefined) visit(edge.to);
    }
    state.set(id, "done");
    order.push(id);
  };
  visit(ENTRY);
  // Steps that nothing leads to, first those that begin a way of their own.
  const led = new Set([...out.values()].flat().map((edge) => edge.to));
  const rest = Object.keys(body.steps);
  for (const id of [...rest.filter((one) => !led.has(one)), ...rest]) {
    if (!state.has(id)) visit(id);
  }
  return { order: order.reverse(), back };
}

function layersOf(
  order: readonly string[],
  out: ReadonlyMap<string, Edge[]>,
  back: ReadonlySet<string>,
): Map<string, number> {
  const layers = new Map<string, number>(order.map((id) => [id, id === ENTRY ? 0 : 1]));
  for (const id of order) {
    for (const edge of out.get(id) ?? []) {
      if (edge.to === null || back.has(edge.key)) continue;
      const least = (layers.get(id) ?? 0) + 1;
      if ((layers.get(edge.to) ?? 0) < least) layers.set(edge.to, least);
    }
  }
  return layers;
}

function itemsOf(
  order: readonly string[],
  edges: readonly Edge[],
  back: ReadonlySet<string>,
  layers: ReadonlyMap<string, number>,
) {
  const items: Item[] = [];
  const byId = new Map<string, Item>();
  const lanes = new Map<string, Item[]>();
  const make = (id: string, layer: number, height: number): Item => {
    const item: Item = { id, layer, height, before: [], after: [], y: 0 };
    items.push(item);
    byId.set(id, item);
    return item;
  };
  for (const id of order) make(id, layers.get(id) ?? 0, BOX.height);
  const place = new Map(order.map((id, index) => [id, index]));
  const sorted = [...edges].sort((a, b) => (place.get(a.from) ?? 0) - (place.get(b.from) ?? 0));
  for (const edge of sorted) {
    const from = byId.get(edge.from);
    if (!from || back.has(edge.key)) continue;
    const to = byId.get(targetId(edge)) ?? make(endId(edge), from.layer + 1, END.height);
    const lane: Item[] = [];
    let last = from;
    for (let layer = from.layer + 1; layer < to.layer; layer += 1) {
      const item = make(`lane:${edge.key}:${layer}`, layer, LANE);
      tie(last, item);
      lane.push(item);
      last = item;
    }
    tie(last, to);
    if (lane.length > 0) lanes.set(edge.key, lane);
  }
  return { items, lanes };
}

function tie(from: Item, to: Item) {
  from.after.push(to);
  to.before.push(from);
}

function columnsOf(items: readonly Item[]): Item[][] {
  const columns: Item[][] = [];
  for (const item of items) {
    while (columns.length <= item.layer) columns.push([]);
    columns[item.layer]?.push(item);
  }
  return columns;
}

/** The order within each layer: first as the ways are named, then by the neighbours'. */
function sortColumns(columns: Item[][]) {
  const index = new Map<Item, number>();
  const number = (column: readonly Item[]) => {
    column.forEach((item, at) => {
      index.set(item, at);
    });
  };
  const by = (item: Item, side: "before" | "after") => {
    const near = item[side];
    if (near.length === 0) return index.get(item) ?? 0;
    // Ways of one step keep their order: the place among its ways counts a little.
    const sum = near.reduce((total, one) => {
      const siblings = side === "before" ? one.after : one.before;
      return total + (index.get(one) ?? 0) + siblings.indexOf(item) / (siblings.length + 1);
    }, 0);
    return sum / near.length;
  };
  const sort = (column: Item[], side: "before" | "after") => {
    const key = new Map(column.map((item) => [item, by(item, side)]));
    column.sort((a, b) => (key.get(a) ?? 0) - (key.get(b) ?? 0));
    number(column);
  };
  columns.forEach(number);
  for (const column of columns.slice(1)) sort(column, "before");
  for (let pass = 0; pass < 2; pass += 1) {
    for (const column of [...columns].reverse().slice(1)) sort(column, "after");
    for (const column of columns.slice(1)) sort(column, "before");
  }
}

/** Heights of every layer as near to those of the layer before (or after) as distances allow. */
function settle(columns: readonly Item[][], forward: boolean) {
  const turn = forward ? columns : [...columns].reverse();
  for (const column of turn) {
    const wanted = column.map((item) => {
      const near = forward ? item.before : item.after;
      if (near.length === 0) return item.y;
      return near.reduce((total, one) => total + one.y, 0) / near.length;
    });
    apart(column, wanted);
  }
}

/** Least squares under distances: pool adjacent violators over heights less their offsets. */
export function apart(column: readonly Item[], wanted: readonly number[]) {
  const offsets: number[] = [];
  column.forEach((item, at) => {
    const above = column[at - 1];
    const gap = above ? (above.height + item.height) / 2 + BOX.gapY : 0;
    offsets.push((offsets[at - 1] ?? 0) + gap);
  });
  const blocks: { sum: number; size: number }[] = [];
  wanted.forEach((height, at) => {
    let block = { sum: height - (offsets[at] ?? 0), size: 1 };
    for (;;) {
      const above = blocks.at(-1);
      if (!above || above.sum / above.size <= block.sum / block.size) break;
      blocks.pop();
      block = { sum: above.sum + block.sum, size: above.size + block.size };
    }
    blocks.push(block);
  });
  let at = 0;
  for (const block of blocks) {
    for (let taken = 0; taken < block.size; taken += 1) {
      const item = column[at];
      if (item) item.y = block.sum / block.size + (offsets[at] ?? 0);
      at += 1;
    }
  }
}
