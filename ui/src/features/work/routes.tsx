import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { whole } from "@/app/search";

export const workRoute = createRoute({
  getParentRoute: () => frameRoute,
  path: "/lists/$id/work",
  validateSearch: (raw: Record<string, unknown>): { member?: number } => ({
    member: whole(raw.member),
  }),
  component: lazyRouteComponent(() => import("./WorkPage"), "WorkPage"),
});

export const routes = [workRoute] as const;
