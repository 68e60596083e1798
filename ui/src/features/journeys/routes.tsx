import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text, whole } from "@/app/search";

export const STATES = ["draft", "live", "paused", "closing", "ended"] as const;
export const TABS = ["flow", "people", "effect", "sheet", "versions"] as const;
export type Tab = (typeof TABS)[number];
/** What is laid over the canvas: nothing while it is drawn, counts, a dry run, one test walk. */
export const MODES = ["design", "live", "dry", "test"] as const;
export type Mode = (typeof MODES)[number];
export const PANELS = [
  "settings",
  "live",
  "return",
  "pause",
  "close",
  "end",
  "discard",
  "aims",
  "flow",
] as const;
export type Panel = (typeof PANELS)[number];
export const DAYS = [1, 7, 30, 90] as const;
export const WALK_STATES = ["active", "held", "ended"] as const;

export interface JourneysSearch {
  q?: string;
  state?: (typeof STATES)[number];
  archived?: true;
}

export interface JourneySearch {
  tab?: Tab;
  mode?: Mode;
  /** As indented text instead of the picture (or the picture, where text comes first). */
  as?: "text" | "picture";
  /** The step whose inspector is open, or a part of the whole journey. */
  step?: string;
  /** A live journey without a draft is being written on. */
  edit?: true;
  /** Days of the counts. */
  days?: (typeof DAYS)[number];
  /** The dry run that is shown. */
  run?: string;
  /** The walk whose story is open. */
  walk?: number;
  walks?: (typeof WALK_STATES)[number];
  /** Two versions compared. */
  a?: number;
  b?: number;
  panel?: Panel;
  /** The way that a flow is to be set into: `step.way`. */
  into?: string;
  /** Of the effect: which success, and the number whose people are open. */
  aim?: number;
  behind?: string;
}

export const journeysRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/journeys",
  validateSearch: (raw: Record<string, unknown>): JourneysSearch => ({
    q: text(raw.q),
    state: oneOf(raw.state, STATES),
    archived: flag(raw.archived),
  }),
  component: lazyRouteComponent(() => import("./JourneysPage"), "JourneysPage"),
});

export const newJourneyRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/journeys/new",
  validateSearch: (raw: Record<string, unknown>): { flow?: string } => ({ flow: text(raw.flow) }),
  component: lazyRouteComponent(() => import("./NewJourneyPage"), "NewJourneyPage"),
});

/** Everything a journey's page shows is in its URL, so that a view can be sent to a colleague. */
export const journeyRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/journeys/$slug",
  validateSearch: (raw: Record<string, unknown>): JourneySearch => ({
    tab: oneOf(raw.tab, TABS),
    mode: oneOf(raw.mode, MODES),
    as: oneOf(raw.as, ["text", "picture"] as const),
    step: text(raw.step),
    edit: flag(raw.edit),
    days: DAYS.find((days) => days === whole(raw.days)),
    run: text(raw.run),
    walk: whole(raw.walk),
    walks: oneOf(raw.walks, WALK_STATES),
    a: whole(raw.a),
    b: whole(raw.b),
    panel: oneOf(raw.panel, PANELS),
    into: text(raw.into),
    aim: whole(raw.aim),
    behind: text(raw.behind),
  }),
  component: lazyRouteComponent(() => import("./JourneyPage"), "JourneyPage"),
});

export const routes = [journeysRoute, newJourneyRoute, journeyRoute] as const;
