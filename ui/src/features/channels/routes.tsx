import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";

const channels = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/channels",
  component: lazyRouteComponent(() => import("./ChannelsPage"), "ChannelsPage"),
});

const fresh = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/channels/new",
  validateSearch: (raw: Record<string, unknown>): { provider?: string } => ({
    provider: text(raw.provider),
  }),
  component: lazyRouteComponent(() => import("./NewSenderPage"), "NewSenderPage"),
});

export interface SenderSearch {
  /** What is being asked before it is done. */
  open?: "live" | "remove";
}

const sender = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/channels/$slug",
  validateSearch: (raw: Record<string, unknown>): SenderSearch => ({
    open: oneOf(raw.open, ["live", "remove"] as const),
  }),
  component: lazyRouteComponent(() => import("./SenderPage"), "SenderPage"),
});

export const routes = [channels, fresh, sender] as const;
