import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text, whole } from "@/app/search";
import { CHANNELS, type Channel } from "@/features/messages/model/body";
import { DELIVERY_STATES, type DeliveryState, SEND_STATES, type SendState } from "./types";

export interface SendsSearch {
  state?: SendState;
  archived?: true;
}

const sends = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/sends",
  validateSearch: (raw: Record<string, unknown>): SendsSearch => ({
    state: oneOf(raw.state, SEND_STATES),
    archived: flag(raw.archived),
  }),
  component: lazyRouteComponent(() => import("./SendsPage"), "SendsPage"),
});

const fresh = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/sends/new",
  validateSearch: (raw: Record<string, unknown>): { template?: string } => ({
    template: text(raw.template),
  }),
  component: lazyRouteComponent(() => import("./NewSendPage"), "NewSendPage"),
});

/** `missed`: everybody who did not get it. */
export const SHOWN = ["missed", ...DELIVERY_STATES] as const;
export type Shown = (typeof SHOWN)[number];

export const TABS = ["report", "effect", "people", "content"] as const;
export type Tab = (typeof TABS)[number];

export interface SendSearch {
  tab?: Tab;
  state?: Shown;
  reason?: string;
  /** The delivery that is open beside the page. */
  delivery?: string;
  open?: "dispatch" | "cancel" | "aims";
  /** Of the effect: which success, and the number whose people are open. */
  aim?: number;
  behind?: string;
}

const send = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/sends/$slug",
  validateSearch: (raw: Record<string, unknown>): SendSearch => ({
    tab: oneOf(raw.tab, TABS),
    state: oneOf(raw.state, SHOWN),
    reason: text(raw.reason),
    delivery: text(raw.delivery),
    open: oneOf(raw.open, ["dispatch", "cancel", "aims"] as const),
    aim: whole(raw.aim),
    behind: text(raw.behind),
  }),
  component: lazyRouteComponent(() => import("./SendPage"), "SendPage"),
});

export interface DeliveriesSearch {
  channel?: Channel;
  state?: DeliveryState;
  reason?: string;
  person?: string;
  delivery?: string;
}

const deliveries = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/deliveries",
  validateSearch: (raw: Record<string, unknown>): DeliveriesSearch => ({
    channel: oneOf(raw.channel, CHANNELS),
    state: oneOf(raw.state, DELIVERY_STATES),
    reason: text(raw.reason),
    person: text(raw.person),
    delivery: text(raw.delivery),
  }),
  component: lazyRouteComponent(() => import("./DeliveriesPage"), "DeliveriesPage"),
});

export const routes = [sends, fresh, send, deliveries] as const;
