import { queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { call, type Schemas, text } from "@/client/http";
import { usePages } from "@/client/pages";

export type Row = Schemas["MailboxRow"];
export type Item = Schemas["MailboxItemOut"];
type Rows = Schemas["MailboxOut"];

const KEY = ["mailbox", "rows"] as const;
/** New messages are looked for this often, in ms. */
const EVERY = 10_000;

/** The messages, newest first; looked for again while the page is open. */
export function useMailbox(channel: string | undefined, person: string | undefined) {
  const client = useQueryClient();
  useEffect(() => {
    const timer = setInterval(() => {
      if (document.visibilityState === "visible") void client.invalidateQueries({ queryKey: KEY });
    }, EVERY);
    return () => clearInterval(timer);
  }, [client]);
  return usePages<Row>([...KEY, channel, person], (offset, limit, signal) =>
    call<Rows>("GET", "/api/mailbox", { query: { channel, person, offset, limit }, signal }),
  );
}

/** How many messages there are on each channel, whatever is chosen. */
export function useCounts() {
  return useQuery({
    queryKey: [...KEY, "counts"],
    queryFn: async ({ signal }) =>
      (await call<Rows>("GET", "/api/mailbox", { query: { limit: 1 }, signal })).counts,
  });
}

export const itemQuery = (id: number) =>
  queryOptions({
    queryKey: ["mailbox", "item", id],
    queryFn: ({ signal }) => call<Item>("GET", `/api/mailbox/${id}`, { signal }),
    staleTime: Number.POSITIVE_INFINITY, // what was sent never changes
  });

export const htmlQuery = (id: number, has: boolean) =>
  queryOptions({
    queryKey: ["mailbox", "html", id],
    queryFn: ({ signal }) => text(`/api/mailbox/${id}/html`, signal),
    enabled: has,
    staleTime: Number.POSITIVE_INFINITY,
  });
