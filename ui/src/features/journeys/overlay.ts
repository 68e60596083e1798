/** Figures laid over the canvas: the counts of a running journey, or what a dry run found. */
import type { Line } from "./model/draw";
import type { DryResult, Live } from "./types";

export interface NodeFigures {
  /** Standing there now, or reached in the dry run. */
  people: number;
  held: number;
  overdue: number;
  /** Median time there, in seconds. */
  median: number | null;
  /** Stopped by the gate, in a dry run. */
  stopped: number;
  glow: boolean;
}

export interface EdgeFigures {
  people: number;
  share: number;
}

interface EdgeCount {
  step: string;
  to: string;
  code: string;
  people: number;
  share: number;
}

export interface Overlay {
  kind: "live" | "dry" | "test";
  nodes: ReadonlyMap<string, NodeFigures>;
  edges: readonly EdgeCount[];
  /** The largest number on an edge: what the widest line stands for. */
  most: number;
  /** Steps a test walk has been to, the last first. */
  visited: readonly string[];
}

const NOTHING: NodeFigures = {
  people: 0,
  held: 0,
  overdue: 0,
  median: null,
  stopped: 0,
  glow: false,
};

function most(edges: readonly EdgeCount[]): number {
  return Math.max(1, ...edges.map((edge) => edge.people));
}

export function liveOverlay(live: Live): Overlay {
  return {
    kind: "live",
    nodes: new Map(
      live.nodes.map((node) => [
        node.step,
        {
          ...NOTHING,
          people: node.standing,
          held: node.held,
          overdue: node.overdue,
          median: node.median_seconds,
          glow: node.bottleneck,
        },
      ]),
    ),
    edges: live.edges,
    most: most(live.edges),
    visited: [],
  };
}

export function dryOverlay(result: DryResult): Overlay {
  const edges = result.edges.map((edge) => ({ ...edge, code: "" }));
  return {
    kind: "dry",
    nodes: new Map(
      result.steps.map((step) => [
        step.step,
        { ...NOTHING, people: step.reached, stopped: step.stopped },
      ]),
    ),
    edges,
    most: most(edges),
    visited: [],
  };
}

export function testOverlay(visited: readonly string[]): Overlay {
  return { kind: "test", nodes: new Map(), edges: [], most: 1, visited };
}

/** Whether the code of a passage is that of a way: `arm:0`, `timeout`, `failed`. */
function isOf(code: string, way: string): boolean {
  return code === way || code.startsWith(`${way}:`) || code.split(/[.:_]/)[0] === way;
}

/**
 * What passed along a line. Where several lines join the same two steps, each has what its own way
 * was taken by; what cannot be told apart counts on the first.
 */
export function figuresOf(overlay: Overlay, line: Line): EdgeFigures | null {
  const from = line.source === "_entry" ? "" : line.source;
  const pair = overlay.edges.filter(
    (edge) => edge.step === from && edge.to === (line.edge.to ?? ""),
  );
  if (pair.length === 0) return null;
  const mine =
    line.lanes === 1 || overlay.kind === "dry"
      ? line.lane === 0
        ? pair
        : []
      : pair.filter((edge) => isOf(edge.code, line.edge.id));
  return {
    people: mine.reduce((sum, edge) => sum + edge.people, 0),
    share: mine.reduce((sum, edge) => sum + edge.share, 0),
  };
}
