/** What the settings of channels ask of the API. */
import { queryOptions } from "@tanstack/react-query";
import { call, type Schemas } from "@/client/http";

export type Sender = Schemas["SenderOut"];
export type Provider = Schemas["ProviderOut"];
export type Setting = Schemas["SettingOut"];
export type Quota = Schemas["QuotaOut"];
export type Tested = Schemas["SenderTested"];
export type DnsRecord = Schemas["DnsRecord"];
export type UnknownsPolicy = Schemas["UnknownsPolicy"];

export const path = (slug: string) => `/api/senders/${encodeURIComponent(slug)}`;

export const sendersQuery = queryOptions({
  queryKey: ["senders", "all"],
  queryFn: async ({ signal }) =>
    (await call<Schemas["SendersOut"]>("GET", "/api/senders", { signal })).items,
});

export const providersQuery = queryOptions({
  queryKey: ["senders", "providers"],
  queryFn: async ({ signal }) =>
    (await call<Schemas["ProvidersOut"]>("GET", "/api/senders/providers", { signal })).items,
  staleTime: 10 * 60_000,
});

export const senderQuery = (slug: string) =>
  queryOptions({
    queryKey: ["senders", "one", slug],
    queryFn: ({ signal }) => call<Sender>("GET", path(slug), { signal }),
  });

/** `changed`: when the sender was last changed, as the records follow from its settings. */
export const dnsQuery = (slug: string, changed: string | null) =>
  queryOptions({
    queryKey: ["senders", "one", slug, "dns", changed],
    queryFn: async ({ signal }) =>
      (await call<Schemas["DnsOut"]>("GET", `${path(slug)}/dns`, { signal })).items,
  });

export const unknownsQuery = queryOptions({
  queryKey: ["senders", "unknowns"],
  queryFn: ({ signal }) => call<UnknownsPolicy>("GET", "/api/sending/unknowns", { signal }),
});
