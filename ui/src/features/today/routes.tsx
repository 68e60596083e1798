import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";

export const todayRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/today",
  component: lazyRouteComponent(() => import("./TodayPage"), "TodayPage"),
});

export const routes = [todayRoute] as const;
