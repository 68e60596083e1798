import { queryOptions } from "@tanstack/react-query";
import type { Schemas } from "@/client/http";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";

export type Arrival = Schemas["ArrivalRow"];
export type Arrivals = Schemas["ArrivalsOut"];
export type Source = Schemas["EventSourceOut"];
export type SourceKind = Source["kind"];
export type SourceWithKey = Schemas["EventSourceKeyOut"];
export type Notice = Schemas["NoticeOut"];
export type Webhook = Schemas["WebhookOut"];
export type WebhookWithSecret = Schemas["WebhookSecretOut"];
export type Delivery = Schemas["DeliveryOut"];
export type DeliveryState = Delivery["state"];
export type CrossingEvent = Webhook["events"][number];

export const KINDS: readonly SourceKind[] = ["web", "app", "server"];
export const CROSSINGS: readonly CrossingEvent[] = ["segment_entered", "segment_left"];
export const DELIVERY_STATES: readonly DeliveryState[] = ["waiting", "delivered", "dead"];

export const sourcesQuery = queryOptions({
  queryKey: ["events", "sources"],
  queryFn: ({ signal }) =>
    call<Schemas["EventSourcesOut"]>("GET", "/api/events/sources", { signal }),
});

export const standingQuery = queryOptions({
  queryKey: ["events", "standing"],
  queryFn: ({ signal }) =>
    call<Schemas["StreamStandingOut"]>("GET", "/api/events/standing", { signal }),
  refetchInterval: 10_000,
});

export function noticeQuery(id: string) {
  return queryOptions({
    queryKey: ["events", "sources", id, "notice"],
    queryFn: ({ signal }) => call<Notice>("GET", `/api/events/sources/${id}/notice`, { signal }),
  });
}

export const webhooksQuery = queryOptions({
  queryKey: ["webhooks"],
  queryFn: ({ signal }) => call<Schemas["WebhooksOut"]>("GET", "/api/webhooks", { signal }),
  refetchInterval: 5_000,
});

export function deliveriesQuery(id: string, state: DeliveryState | undefined) {
  return queryOptions({
    queryKey: ["webhooks", id, "deliveries", state ?? "any"],
    queryFn: ({ signal }) =>
      call<Paged<Delivery>>("GET", `/api/webhooks/${id}/deliveries`, {
        query: { state, limit: 50 },
        signal,
      }),
    refetchInterval: 3_000,
  });
}

/** The live segments a webhook may tell of. */
export const liveSegmentsQuery = queryOptions({
  queryKey: ["segments", "live"],
  queryFn: async ({ signal }) => {
    const found = await call<Paged<Schemas["SegmentRow"]>>("GET", "/api/segments", {
      query: { limit: 500 },
      signal,
    });
    return found.items.filter((one) => one.live);
  },
});

/** What a site's author pastes before `</head>`. */
export function snippetCode(url: string, key: string, waits: boolean): string {
  const wait = waits ? ' data-wait="consent"' : "";
  return [
    "<script>",
    "window.enishi=window.enishi||function(){(enishi.q=enishi.q||[]).push([].slice.call(arguments))}",
    "</script>",
    `<script async src="${url}/enishi.js" data-key="${key}"${wait}></script>`,
  ].join("\n");
}

/** How a server sends one event. */
export function serverCode(url: string, key: string): string {
  return [
    `curl ${url}/v1/track \\`,
    `  -u ${key}: \\`,
    '  -H "Content-Type: application/json" \\',
    `  -d '{"userId": "…", "event": "branch_visited", "properties": {"branch": "001"}}'`,
  ].join("\n");
}
