import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text, whole } from "@/app/search";

export const STATES = ["open", "building", "closed", "failed"] as const;
export const PANELS = ["changes", "shares", "people", "about", "close"] as const;
export const MEANINGS = ["open", "working", "done", "dropped"] as const;
export const PRIORITIES = ["high", "medium", "low"] as const;

interface ListsSearch {
  state?: (typeof STATES)[number];
  mine?: true;
}

interface BoardSearch {
  status?: string;
  meaning?: (typeof MEANINGS)[number];
  assignee?: string;
  priority?: (typeof PRIORITIES)[number];
  q?: string;
  sort?: string;
  hide?: string;
  member?: number;
  panel?: (typeof PANELS)[number];
}

export const listsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/lists",
  validateSearch: (raw: Record<string, unknown>): ListsSearch => ({
    state: oneOf(raw.state, STATES),
    mine: raw.mine === true || raw.mine === "true" ? true : undefined,
  }),
  component: lazyRouteComponent(() => import("./ListsPage"), "ListsPage"),
});

export const newListRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/lists/new",
  validateSearch: (raw: Record<string, unknown>): { definition?: string } => ({
    definition: text(raw.definition),
  }),
  component: lazyRouteComponent(() => import("./NewListPage"), "NewListPage"),
});

/** Everything a board shows is in its URL, so that a view can be sent to a colleague. */
export const listRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/lists/$id",
  validateSearch: (raw: Record<string, unknown>): BoardSearch => ({
    status: text(raw.status),
    meaning: oneOf(raw.meaning, MEANINGS),
    assignee: text(raw.assignee),
    priority: oneOf(raw.priority, PRIORITIES),
    q: text(raw.q),
    sort: text(raw.sort),
    hide: text(raw.hide),
    member: whole(raw.member),
    panel: oneOf(raw.panel, PANELS),
  }),
  component: lazyRouteComponent(() => import("./BoardPage"), "BoardPage"),
});

export const routes = [listsRoute, newListRoute, listRoute] as const;
