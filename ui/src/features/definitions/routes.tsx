import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf } from "@/app/search";

export const TABS = ["who", "columns", "filters", "work", "guide", "data", "versions"] as const;
export type Tab = (typeof TABS)[number];
export const STATES = ["draft", "active", "retired"] as const;

export const definitionsRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/definitions",
  validateSearch: (raw: Record<string, unknown>): { state?: (typeof STATES)[number] } => ({
    state: oneOf(raw.state, STATES),
  }),
  component: lazyRouteComponent(() => import("./DefinitionsPage"), "DefinitionsPage"),
});

export const newDefinitionRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/definitions/new",
  component: lazyRouteComponent(() => import("./NewDefinitionPage"), "NewDefinitionPage"),
});

export const definitionRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/definitions/$id",
  validateSearch: (raw: Record<string, unknown>): { tab?: Tab } => ({ tab: oneOf(raw.tab, TABS) }),
  component: lazyRouteComponent(() => import("./DefinitionPage"), "DefinitionPage"),
});

export const routes = [definitionsRoute, newDefinitionRoute, definitionRoute] as const;
