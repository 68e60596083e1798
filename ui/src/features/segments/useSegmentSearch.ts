import { useNavigate, useSearch } from "@tanstack/react-router";
import type { SegmentSearch } from "./routes";

export const SEGMENT = "/frame/segments/$slug" as const;

/** Reads and changes a part of the page's URL. */
export function useSegmentSearch() {
  const search = useSearch({ from: SEGMENT });
  const navigate = useNavigate({ from: "/segments/$slug" });
  return {
    search,
    set: (part: Partial<SegmentSearch>, replace = false) =>
      void navigate({ search: (before) => ({ ...before, ...part }), replace }),
  };
}
