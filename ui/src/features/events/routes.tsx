import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";
import { DELIVERY_STATES, type DeliveryState } from "./data";

export interface ArrivalsSearch {
  /** Only what comes from this event source. */
  source?: string;
  /** Only events whose name holds this. */
  q?: string;
  /** The arrival whose detail is open. */
  open?: string;
}

export interface OpenSearch {
  /** What is open beside the page; "new" for one to be made. */
  open?: string;
}

export interface WebhooksSearch extends OpenSearch {
  /** Deliveries in this state alone. */
  state?: DeliveryState;
}

const arrivals = createRoute({
  getParentRoute: () => frameRoute,
  path: "/events",
  validateSearch: (raw: Record<string, unknown>): ArrivalsSearch => ({
    source: text(raw.source),
    q: text(raw.q),
    open: text(raw.open),
  }),
  component: lazyRouteComponent(() => import("./ArrivalsPage"), "ArrivalsPage"),
});

const sources = createRoute({
  getParentRoute: () => frameRoute,
  path: "/events/sources",
  validateSearch: (raw: Record<string, unknown>): OpenSearch => ({ open: text(raw.open) }),
  component: lazyRouteComponent(() => import("./SourcesPage"), "SourcesPage"),
});

const webhooks = createRoute({
  getParentRoute: () => frameRoute,
  path: "/events/webhooks",
  validateSearch: (raw: Record<string, unknown>): WebhooksSearch => ({
    open: text(raw.open),
    state: oneOf(raw.state, DELIVERY_STATES),
  }),
  component: lazyRouteComponent(() => import("./WebhooksPage"), "WebhooksPage"),
});

const imports = createRoute({
  getParentRoute: () => frameRoute,
  path: "/events/import",
  component: lazyRouteComponent(() => import("./ImportPage"), "ImportPage"),
});

export const routes = [arrivals, sources, imports, webhooks] as const;
