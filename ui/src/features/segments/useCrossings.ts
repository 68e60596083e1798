/** Who comes into a live segment and goes out of it, as it happens. */
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { call, type Schemas } from "@/client/http";
import { segmentQuery } from "./api";
import type { Segment } from "./types";

export type Crossing = Schemas["CrossingRow"];

/** How long changes are gathered before names are asked for: many may cross at once. */
const GATHER_MS = 400;
const AGAIN_MS = 10_000;
const SHOWN = 20;

export function useCrossings(segment: Segment): {
  query: ReturnType<typeof useNewest>;
  /** News come by themselves; false while the stream is closed. */
  following: boolean;
} {
  const client = useQueryClient();
  const { slug, live } = segment;
  const query = useNewest(segment);
  const [following, setFollowing] = useState(false);
  useEffect(() => {
    if (!live) return;
    let source: EventSource | null = null;
    let gathering = 0;
    let waiting = 0;
    const news = () => {
      clearTimeout(gathering);
      gathering = window.setTimeout(() => {
        void client.invalidateQueries({ queryKey: crossingsKey(slug) });
        void client.invalidateQueries({ queryKey: segmentQuery(slug).queryKey, exact: true });
      }, GATHER_MS);
    };
    const open = () => {
      source = new EventSource(`/api/live/crossings/stream?segment=${encodeURIComponent(slug)}`);
      source.addEventListener("open", () => setFollowing(true));
      source.addEventListener("crossing", news);
      source.addEventListener("error", () => {
        setFollowing(false);
        // A browser comes back by itself after a break, but not after a refusal.
        if (source?.readyState === EventSource.CLOSED) waiting = window.setTimeout(open, AGAIN_MS);
      });
    };
    const close = () => {
      clearTimeout(waiting);
      source?.close();
      source = null;
      setFollowing(false);
    };
    // Out of view it would take a place from those who look.
    const seen = () => {
      close();
      if (document.visibilityState === "visible") open();
    };
    seen();
    document.addEventListener("visibilitychange", seen);
    return () => {
      document.removeEventListener("visibilitychange", seen);
      clearTimeout(gathering);
      close();
    };
  }, [client, slug, live]);
  return { query, following };
}

const crossingsKey = (slug: string) => ["segment", slug, "crossings"] as const;

function useNewest(segment: Segment) {
  return useQuery({
    queryKey: crossingsKey(segment.slug),
    queryFn: ({ signal }) =>
      call<Schemas["CrossingsOut"]>("GET", "/api/live/crossings", {
        query: { segment: segment.slug, limit: SHOWN },
        signal,
      }),
    enabled: segment.live,
  });
}
