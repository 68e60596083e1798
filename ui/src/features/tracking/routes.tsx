import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";

export const BYS = ["assignee", "branch", "day"] as const;
export const STAGES = ["members", "attempted", "reached", "positive", "won"] as const;

interface TrackingSearch {
  by?: (typeof BYS)[number];
  /** The people behind a number: a stage, and the row's key (absent: the whole list). */
  stage?: (typeof STAGES)[number];
  key?: string;
}

export const trackingRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/lists/$id/tracking",
  validateSearch: (raw: Record<string, unknown>): TrackingSearch => ({
    by: oneOf(raw.by, BYS),
    stage: oneOf(raw.stage, STAGES),
    key: text(raw.key),
  }),
  component: lazyRouteComponent(() => import("./TrackingPage"), "TrackingPage"),
});

export const routes = [trackingRoute] as const;
