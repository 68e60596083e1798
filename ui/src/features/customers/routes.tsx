import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text, whole } from "@/app/search";
import { RESTRICTS, type Restrict } from "./types";

/** On a phone one part of the page at a time. */
export const PHONE_TABS = ["timeline", "work", "about"] as const;
export type PhoneTab = (typeof PHONE_TABS)[number];

export interface CustomersSearch {
  q?: string;
  /** "person", "company"…; absent: the first kind of the catalog. */
  subject?: string;
}

export interface CustomerSearch {
  /** The purpose for which contact is asked about. */
  purpose?: string;
  /** Only these sources of the timeline: datasets and `@engagement`…, with commas. */
  show?: string;
  /** The timeline begins at the end of this year. */
  year?: number;
  /** The part shown on a phone. */
  tab?: PhoneTab;
  /** The minute before a call is open. */
  brief?: true;
  /** The answers of the gate for all purposes are open. */
  gate?: true;
  /** The segment whose why is open. */
  segment?: string;
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
    year: whole(raw.year),
    tab: oneOf(raw.tab, PHONE_TABS),
    brief: flag(raw.brief),
    gate: flag(raw.gate),
    segment: text(raw.segment),
    restrict: oneOf(raw.restrict, RESTRICTS),
    release: text(raw.release),
    rows: text(raw.rows),
  }),
  component: lazyRouteComponent(() => import("./CustomerPage"), "CustomerPage"),
});

export const routes = [customers, customer] as const;
