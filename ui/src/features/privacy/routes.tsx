import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { frameRoute } from "@/app/root";
import { oneOf, text } from "@/app/search";
import { KINDS, type Kind, type Showing, STATES, VIEWS, type View } from "./data";

export interface PrivacySearch {
  view?: View;
  kind?: Kind;
  state?: Showing;
  /** The request whose detail is open; "new" for a new one. */
  open?: string;
  /** The person a new request is about. */
  person?: string;
}

const privacy = createRoute({
  getParentRoute: () => frameRoute,
  path: "/settings/privacy",
  validateSearch: (raw: Record<string, unknown>): PrivacySearch => ({
    view: oneOf(raw.view, VIEWS),
    kind: oneOf(raw.kind, KINDS),
    state: oneOf(raw.state, STATES),
    open: text(raw.open),
    person: text(raw.person),
  }),
  component: lazyRouteComponent(() => import("./PrivacyPage"), "PrivacyPage"),
});

export const routes = [privacy] as const;
