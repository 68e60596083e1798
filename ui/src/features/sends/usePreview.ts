/** Saving a draft, asking what it would do, and whether the answer still holds. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call } from "@/client/http";
import { path, previewQuery, type Seen, sendQuery } from "./data";
import { stored, written } from "./draft";
import type { Preview, SendBody, SendDetail } from "./types";

/** `none`: not asked yet; `changed`: asked before the last change; `old`: its token has run out. */
export type Standing = "none" | "fresh" | "changed" | "old";

export function standing(seen: Seen | null, body: SendBody, now: number): Standing {
  if (seen === null) return "none";
  if (seen.body !== written(body)) return "changed";
  return Date.parse(seen.preview.token_until) <= now ? "old" : "fresh";
}

export function usePreview(send: SendDetail, name: string, body: SendBody) {
  const client = useQueryClient();
  const seen = useQuery(previewQuery(send.slug)).data ?? null;
  const now = useNow();
  const dirty = name.trim() !== send.name || written(body) !== written(send.body);
  const keep = async () => {
    const kept = await call<SendDetail>("PATCH", path(send.slug), {
      body: { name: name.trim(), body: stored(body) },
    });
    client.setQueryData(sendQuery(send.slug).queryKey, kept);
    await client.invalidateQueries({ queryKey: ["sends", "rows"] });
    return kept;
  };
  const save = useMutation({ mutationFn: keep });
  const look = useMutation({
    mutationFn: async () => {
      const kept = dirty ? await keep() : await call<SendDetail>("GET", path(send.slug));
      client.setQueryData(sendQuery(send.slug).queryKey, kept);
      const preview = await call<Preview>("POST", `${path(send.slug)}/preview`);
      const next: Seen = { body: written(kept.body), preview };
      client.setQueryData(previewQuery(send.slug).queryKey, next);
    },
  });
  const forget = () => client.setQueryData(previewQuery(send.slug).queryKey, null);
  return { seen, standing: standing(seen, body, now), dirty, save, look, forget };
}

/** The present, looked at every half minute: a token runs out while the page is open. */
function useNow(): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 30_000);
    return () => clearInterval(timer);
  }, []);
  return now;
}
