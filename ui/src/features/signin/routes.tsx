import { createRoute, lazyRouteComponent } from "@tanstack/react-router";
import { rootRoute } from "@/app/root";
import { returnPath, text } from "@/app/search";

const signIn = createRoute({
  getParentRoute: () => rootRoute,
  path: "/sign-in",
  validateSearch: (raw: Record<string, unknown>): { return?: string } => {
    const found = returnPath(raw.return);
    return found === "/" ? {} : { return: found };
  },
  component: lazyRouteComponent(() => import("./SignInPage"), "SignInPage"),
});

const forgot = createRoute({
  getParentRoute: () => rootRoute,
  path: "/forgot-password",
  component: lazyRouteComponent(() => import("./ForgotPage"), "ForgotPage"),
});

const token = (raw: Record<string, unknown>): { token?: string } => {
  const found = text(raw.token);
  return found ? { token: found } : {};
};

const reset = createRoute({
  getParentRoute: () => rootRoute,
  path: "/reset-password",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./ResetPage"), "ResetPage"),
});

const invitation = createRoute({
  getParentRoute: () => rootRoute,
  path: "/invitation",
  validateSearch: token,
  component: lazyRouteComponent(() => import("./InvitationPage"), "InvitationPage"),
});

export const routes = [signIn, forgot, reset, invitation] as const;
