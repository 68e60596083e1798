import { queryOptions } from "@tanstack/react-query";
import { call, type Schemas } from "@/client/http";

export type SignedInSession = Schemas["OpenSession"];

export type TotpSecret = Schemas["TotpBeginning"];

export type RecoveryCodes = Schemas["RecoveryCodes"];

export const sessionsQuery = queryOptions({
  queryKey: ["account", "sessions"],
  queryFn: async ({ signal }) =>
    (await call<{ items: SignedInSession[] }>("GET", "/api/auth/sessions", { signal })).items,
});

/** "Chrome · Windows" out of a user agent; the agent itself when it is not one we know. */
export function browserOf(agent: string): string {
  const browsers = [
    ["Edg/", "Edge"],
    ["OPR/", "Opera"],
    ["Firefox/", "Firefox"],
    ["Chrome/", "Chrome"],
    ["Safari/", "Safari"],
  ] as const;
  const systems = [
    ["iPhone", "iPhone"],
    ["iPad", "iPad"],
    ["Android", "Android"],
    ["Windows", "Windows"],
    ["Mac OS X", "macOS"],
    ["Linux", "Linux"],
  ] as const;
  const browser = browsers.find(([mark]) => agent.includes(mark))?.[1];
  const system = systems.find(([mark]) => agent.includes(mark))?.[1];
  return [browser, system].filter(Boolean).join(" · ") || agent.slice(0, 40);
}
