import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";

export const TABS = ["datasets", "relations", "loads"] as const;
export type DataTab = (typeof TABS)[number];

export interface DataSearch {
  tab?: DataTab;
  /** The dataset whose detail is open. */
  dataset?: string;
  /** The load whose detail is open. */
  load?: string;
}

const data = createRoute({
  getParentRoute: () => frameRoute,
  path: "/data",
  validateSearch: (raw: Record<string, unknown>): DataSearch => ({
    tab: oneOf(raw.tab, TABS),
    dataset: text(raw.dataset),
    load: text(raw.load),
  }),
  component: lazyRouteComponent(() => import("./DataPage"), "DataPage"),
});

export const routes = [data] as const;
