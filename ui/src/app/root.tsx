import type { QueryClient } from "@tanstack/react-query";
import {
  createRootRouteWithContext,
  createRoute,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import { isApiError } from "@/client/errors";
import { sessionQuery } from "./session";

interface Context {
  queries: QueryClient;
}

export const rootRoute = createRootRouteWithContext<Context>()({});

/** Everything for signed-in people hangs below this: it carries the frame. */
export const frameRoute = createRoute({
  getParentRoute: () => rootRoute,
  id: "frame",
  beforeLoad: async ({ context, location }) => {
    try {
      await context.queries.ensureQueryData(sessionQuery);
    } catch (error) {
      if (isApiError(error) && error.status === 401) {
        throw redirect({ to: "/sign-in", search: { return: location.href } });
      }
      throw error;
    }
  },
  component: lazyRouteComponent(() => import("./Frame"), "Frame"),
});
