import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { flag, oneOf, text } from "@/app/search";
import { CHANNELS, type Channel } from "./model/body";

export interface TemplatesSearch {
  channel?: Channel;
  q?: string;
  archived?: true;
}

const templates = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages",
  validateSearch: (raw: Record<string, unknown>): TemplatesSearch => ({
    channel: oneOf(raw.channel, CHANNELS),
    q: text(raw.q),
    archived: flag(raw.archived),
  }),
  component: lazyRouteComponent(() => import("./TemplatesPage"), "TemplatesPage"),
});

const fresh = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/new",
  validateSearch: (raw: Record<string, unknown>): { channel?: Channel } => ({
    channel: oneOf(raw.channel, CHANNELS),
  }),
  component: lazyRouteComponent(() => import("./NewTemplatePage"), "NewTemplatePage"),
});

export const TEMPLATE_TABS = ["content", "fields", "checks", "versions"] as const;
export type TemplateTab = (typeof TEMPLATE_TABS)[number];
export const VIEWS = ["phone", "text"] as const;

export interface TemplateSearch {
  tab?: TemplateTab;
  /** How the mail is looked at; absent: on a wide screen. */
  view?: (typeof VIEWS)[number];
  dark?: true;
  /** As whom: a person's id; absent: with sample values. */
  as?: string;
  /** The version compared, and the one it is compared with. */
  before?: string;
  after?: string;
  /** What is open beside the page. */
  open?: "return" | "settings";
}

const template = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/templates/$slug",
  validateSearch: (raw: Record<string, unknown>): TemplateSearch => ({
    tab: oneOf(raw.tab, TEMPLATE_TABS),
    view: oneOf(raw.view, VIEWS),
    dark: flag(raw.dark),
    as: text(raw.as),
    before: text(raw.before),
    after: text(raw.after),
    open: oneOf(raw.open, ["return", "settings"] as const),
  }),
  component: lazyRouteComponent(() => import("./TemplatePage"), "TemplatePage"),
});

export interface AssetsSearch {
  q?: string;
  archived?: true;
  open?: string;
}

const assets = createRoute({
  getParentRoute: () => frameRoute,
  path: "/messages/images",
  validateSearch: (raw: Record<string, unknown>): AssetsSearch => ({
    q: text(raw.q),
    archived: flag(raw.archived),
    open: text(raw.open),
  }),
  component: lazyRouteComponent(() => import("./assets/AssetsPage"), "AssetsPage"),
});

export const routes = [templates, fresh, template, assets] as const;
