/** What a send can name: templates that may be sent, segments, senders. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useMay } from "@/app/session";
import { call, type Schemas } from "@/client/http";
import type { Paged } from "@/client/pages";
import { namesQuery } from "@/features/segments/api";

export type Template = Schemas["TemplateOut"];

const templatesQuery = queryOptions({
  queryKey: ["templates", "rows", "sendable"],
  queryFn: async ({ signal }) => {
    const found: Template[] = [];
    for (;;) {
      const page = await call<Paged<Template>>("GET", "/api/templates", {
        query: { offset: found.length, limit: 200 },
        signal,
      });
      found.push(...page.items);
      if (page.items.length === 0 || found.length >= page.total) return found;
    }
  },
  staleTime: 30_000,
});

const sendersQuery = queryOptions({
  queryKey: ["senders", "names"],
  queryFn: async ({ signal }) =>
    (await call<Schemas["SendersOut"]>("GET", "/api/senders", { signal })).items,
  staleTime: 30_000,
});

export function useChoices() {
  const may = useMay();
  const templates = useQuery(templatesQuery);
  const segments = useQuery({ ...namesQuery, enabled: may("segments.read") });
  const senders = useQuery({ ...sendersQuery, enabled: may("channels.read") });
  return {
    /** With an approved version: only that is ever sent. */
    templates: (templates.data ?? []).filter((one) => one.approved !== null),
    loaded: templates.data !== undefined,
    segments: segments.data?.items ?? [],
    senders: senders.data ?? [],
  };
}
