import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text, whole } from "@/app/search";
import { NEW_KINDS, type NewKind } from "./types";

const policies = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/gate",
  validateSearch: (raw: Record<string, unknown>): { retired?: true } => ({
    retired: flag(raw.retired),
  }),
  component: lazyRouteComponent(() => import("./PoliciesPage"), "PoliciesPage"),
});

const fresh = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/gate/policies/new",
  validateSearch: (raw: Record<string, unknown>): { kind: NewKind } => ({
    kind: oneOf(raw.kind, NEW_KINDS) ?? "cap",
  }),
  component: lazyRouteComponent(() => import("./NewPolicyPage"), "NewPolicyPage"),
});

const policy = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/gate/policies/$policyId",
  component: lazyRouteComponent(() => import("./PolicyPage"), "PolicyPage"),
});

const calendar = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/gate/calendar",
  validateSearch: (raw: Record<string, unknown>): { year?: number } => ({ year: whole(raw.year) }),
  component: lazyRouteComponent(() => import("./CalendarPage"), "CalendarPage"),
});

const imports = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/gate/imports",
  validateSearch: (raw: Record<string, unknown>): { open?: string } => ({ open: text(raw.open) }),
  component: lazyRouteComponent(() => import("./ImportsPage"), "ImportsPage"),
});

export const routes = [policies, fresh, policy, calendar, imports] as const;
