import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf } from "@/app/search";

export const APPROVAL_TABS = ["waiting", "decided"] as const;
export type ApprovalTab = (typeof APPROVAL_TABS)[number];

const approvals = createRoute({
  getParentRoute: () => frameRoute,
  path: "/approvals",
  validateSearch: (raw: Record<string, unknown>): { state?: ApprovalTab } => ({
    state: oneOf(raw.state, APPROVAL_TABS),
  }),
  component: lazyRouteComponent(() => import("./ApprovalsPage"), "ApprovalsPage"),
});

export const routes = [approvals] as const;
