import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { text, whole } from "@/app/search";

export interface AuditSearch {
  actor?: string;
  action?: string;
  object_id?: string;
  subject?: string;
  from?: string;
  to?: string;
  /** The number of the row whose detail is open. */
  row?: number;
}

const DAY = /^\d{4}-\d{2}-\d{2}$/;

function day(value: unknown): string | undefined {
  const found = text(value);
  return found && DAY.test(found) ? found : undefined;
}

const audit = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/audit",
  validateSearch: (raw: Record<string, unknown>): AuditSearch => ({
    actor: text(raw.actor),
    action: text(raw.action),
    object_id: text(raw.object_id),
    subject: text(raw.subject),
    from: day(raw.from),
    to: day(raw.to),
    row: whole(raw.row),
  }),
  component: lazyRouteComponent(() => import("./AuditPage"), "AuditPage"),
});

export const routes = [audit] as const;
