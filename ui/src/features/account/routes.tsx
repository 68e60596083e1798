import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";

const account = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/account",
  component: lazyRouteComponent(() => import("./AccountPage"), "AccountPage"),
});

export const routes = [account] as const;
