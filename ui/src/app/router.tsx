import { QueryClient } from "@tanstack/react-query";
import { createRoute, createRouter, redirect } from "@tanstack/react-router";
import { isApiError } from "@/client/errors";
import { ErrorState } from "@/design/states";
import { routes as account } from "@/features/account/routes";
import { routes as audit } from "@/features/audit/routes";
import { routes as channels } from "@/features/channels/routes";
import { routes as customers } from "@/features/customers/routes";
import { routes as data } from "@/features/data/routes";
import { routes as definitions } from "@/features/definitions/routes";
import { routes as events } from "@/features/events/routes";
import { routes as gate } from "@/features/gate/routes";
import { routes as journeys } from "@/features/journeys/routes";
import { routes as lists } from "@/features/lists/routes";
import { routes as mailbox } from "@/features/mailbox/routes";
import { routes as messages } from "@/features/messages/routes";
import { routes as policies } from "@/features/policies/routes";
import { routes as privacy } from "@/features/privacy/routes";
import { routes as segments } from "@/features/segments/routes";
import { routes as sends } from "@/features/sends/routes";
import { routes as signin } from "@/features/signin/routes";
import { routes as today } from "@/features/today/routes";
import { routes as tracking } from "@/features/tracking/routes";
import { routes as users } from "@/features/users/routes";
import { routes as work } from "@/features/work/routes";
import { NotFound } from "./NotFound";
import { frameRoute, rootRoute } from "./root";

export const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 15_000,
      // Without a connection a request fails and says so; it does not wait in silence.
      networkMode: "always",
      // A refusal stays a refusal; only what may pass by itself is tried again.
      retry: (times, error) =>
        times < 2 && isApiError(error) && (error.status === 0 || error.status >= 502),
    },
    mutations: { networkMode: "always" },
  },
});

const home = createRoute({
  getParentRoute: () => frameRoute,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/today" as string });
  },
});

const tree = rootRoute.addChildren([
  ...signin,
  frameRoute.addChildren([
    home,
    ...today,
    ...customers,
    ...segments,
    ...journeys,
    ...messages,
    ...sends,
    ...mailbox,
    ...definitions,
    ...lists,
    ...work,
    ...tracking,
    ...events,
    ...data,
    ...gate,
    ...policies,
    ...users,
    ...channels,
    ...privacy,
    ...audit,
    ...account,
  ]),
]);

export const router = createRouter({
  routeTree: tree,
  context: { queries },
  defaultPreload: "intent",
  defaultPreloadStaleTime: 0,
  scrollRestoration: true,
  defaultErrorComponent: ({ error, reset }) => <ErrorState error={error} onRetry={reset} />,
  defaultNotFoundComponent: NotFound,
});

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
}
