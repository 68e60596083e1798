import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";
import { RESTRICTS, type Restrict } from "./types";

export interface CustomersSearch {
  q?: string;
  /** "person", "company"…; absent: the first kind of the catalog. */
  subject?: string;
}

export interface CustomerSearch {
  /** The purpose for which contact is asked about. */
  purpose?: string;
  /** Only events of this dataset, or "contacts". */
  show?: string;
  /** The restriction being written. */
  restrict?: Restrict;
  /** The restriction being released. */
  release?: string;
  /** The relation whose rows are open. */
  rows?: string;
}

const customers = createRoute({
  getParentRoute: () => frameRoute,
  path: "/customers",
  validateSearch: (raw: Record<string, unknown>): CustomersSearch => ({
    q: text(raw.q),
    subject: text(raw.subject),
  }),
  component: lazyRouteComponent(() => import("./CustomersPage"), "CustomersPage"),
});

const customer = createRoute({
  getParentRoute: () => frameRoute,
  path: "/customers/$customerId",
  validateSearch: (raw: Record<string, unknown>): CustomerSearch => ({
    purpose: text(raw.purpose),
    show: text(raw.show),
    restrict: oneOf(raw.restrict, RESTRICTS),
    release: text(raw.release),
    rows: text(raw.rows),
  }),
  component: lazyRouteComponent(() => import("./CustomerPage"), "CustomerPage"),
});

export const routes = [customers, customer] as const;
