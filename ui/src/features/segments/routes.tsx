import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text, whole } from "@/app/search";
import type { JsonObject } from "@/features/rules";
import { readRule, readValues } from "./model/values";

export const KINDS = ["dynamic", "snapshot", "ranked", "one_per_group"] as const;
export const STATES = ["fresh", "refreshing", "late", "failed", "archived"] as const;
export const TABS = [
  "overview",
  "people",
  "composition",
  "overlap",
  "rule",
  "history",
  "uses",
] as const;
export type Tab = (typeof TABS)[number];
export const PERIODS = [30, 90, 365] as const;

export interface SegmentsSearch {
  q?: string;
  kind?: (typeof KINDS)[number];
  state?: (typeof STATES)[number];
  purpose?: string;
  owner?: string;
}

export interface SegmentSearch {
  tab?: Tab;
  /** Days of the trend. */
  days?: number;
  /** People who are in (absent) or have left. */
  people?: "left";
  q?: string;
  /** The person whose panel is open. */
  member?: string;
  /** What the composition is drawn by. */
  by?: JsonObject[];
  /** Segments compared with this one: `a,b,c`. */
  with?: string;
  /** Two versions compared. */
  a?: number;
  b?: number;
  panel?: "edit" | "differences";
}

export const segmentsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/segments",
  validateSearch: (raw: Record<string, unknown>): SegmentsSearch => ({
    q: text(raw.q),
    kind: oneOf(raw.kind, KINDS),
    state: oneOf(raw.state, STATES),
    purpose: text(raw.purpose),
    owner: text(raw.owner),
  }),
  component: lazyRouteComponent(() => import("./SegmentsPage"), "SegmentsPage"),
});

/** `rule`: people found elsewhere (an overlap, a bar of a chart) become the start of a segment. */
export const newSegmentRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/segments/new",
  validateSearch: (raw: Record<string, unknown>): { rule?: JsonObject; subject?: string } => ({
    rule: readRule(raw.rule),
    subject: text(raw.subject),
  }),
  component: lazyRouteComponent(() => import("./NewSegmentPage"), "NewSegmentPage"),
});

/** Everything a segment's page shows is in its URL, so that a view can be sent to a colleague. */
export const segmentRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/segments/$slug",
  validateSearch: (raw: Record<string, unknown>): SegmentSearch => ({
    tab: oneOf(raw.tab, TABS),
    days: PERIODS.find((days) => days === whole(raw.days)),
    people: oneOf(raw.people, ["left"] as const),
    q: text(raw.q),
    member: text(raw.member),
    by: readValues(raw.by),
    with: text(raw.with),
    a: whole(raw.a),
    b: whole(raw.b),
    panel: oneOf(raw.panel, ["edit", "differences"] as const),
  }),
  component: lazyRouteComponent(() => import("./SegmentPage"), "SegmentPage"),
});

export const routes = [segmentsRoute, newSegmentRoute, segmentRoute] as const;
