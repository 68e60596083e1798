import { useNavigate, useSearch } from "@tanstack/react-router";
import { useCallback } from "react";
import type { JourneySearch } from "./routes";

export const JOURNEY = "/frame/journeys/$slug";

/** The journey page's part of the URL. `quietly`: without a step for the back button. */
export function useJourneySearch() {
  const search = useSearch({ from: JOURNEY });
  const navigate = useNavigate({ from: "/journeys/$slug" });
  const set = useCallback(
    (part: JourneySearch, quietly = false) =>
      void navigate({ search: (old) => ({ ...old, ...part }), replace: quietly }),
    [navigate],
  );
  return { search, set };
}
