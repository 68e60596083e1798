import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";
import { ROLES, type RoleName } from "./data";

export interface UsersSearch {
  q?: string;
  role?: RoleName;
  /** The user whose detail is open; "new" for an invitation. */
  open?: string;
}

const users = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/users",
  validateSearch: (raw: Record<string, unknown>): UsersSearch => ({
    q: text(raw.q),
    role: oneOf(raw.role, ROLES),
    open: text(raw.open),
  }),
  component: lazyRouteComponent(() => import("./UsersPage"), "UsersPage"),
});

const roles = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/roles",
  validateSearch: (raw: Record<string, unknown>): { open?: RoleName } => ({
    open: oneOf(raw.open, ROLES),
  }),
  component: lazyRouteComponent(() => import("./RolesPage"), "RolesPage"),
});

export const routes = [users, roles] as const;
