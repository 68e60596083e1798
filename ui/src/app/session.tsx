import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { isApiError } from "@/client/errors";
import { call, type Schemas, setCsrf } from "@/client/http";

export type Role =
  | "administrator"
  | "manager"
  | "representative"
  | "marketer"
  | "analyst"
  | "auditor";

export type SessionUser = Omit<Schemas["Me"], "role"> & { role: Role };

export type Session = Omit<Schemas["SessionOut"], "user"> & { user: SessionUser };

/** Who is signed in, and where. */
export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: async () => {
    try {
      const found = await call<Session>("GET", "/api/session");
      setCsrf(found.csrf);
      return found;
    } catch (error) {
      // Whoever is signed out needs a token too: to sign in.
      if (isApiError(error) && typeof error.body.detail.csrf === "string") {
        setCsrf(error.body.detail.csrf);
      }
      throw error;
    }
  },
  staleTime: 60_000,
  retry: false,
});

export function useSession(): Session | null {
  return useQuery({ ...sessionQuery, enabled: false }).data ?? null;
}

/** The signed-in person. Only below the frame, where somebody always is. */
export function useMe(): SessionUser {
  const session = useSession();
  if (!session) throw new Error("useMe outside the frame");
  return session.user;
}

/** `may("lists.write")`: whether the signed-in person's role has the permission. */
export function useMay(): (permission: string) => boolean {
  const session = useSession();
  return (permission) => session?.user.permissions.includes(permission) ?? false;
}

export function useRefreshSession(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await client.fetchQuery({ ...sessionQuery, staleTime: 0 });
  };
}
