/** The effect of a journey. */
import { useMemo } from "react";
import { path } from "../api";
import { COST_CHANNELS } from "../inspect/MeasurePart";
import type { Journey } from "../types";
import { useJourneySearch } from "../useJourneySearch";
import { Effect } from "./Effect";
import { type ProofPage, ProofPageProvider } from "./page";

export function EffectTab({ journey }: { journey: Journey }) {
  const { search, set } = useJourneySearch();
  const { aim, behind, panel, walk } = search;
  const page = useMemo<ProofPage>(
    () => ({
      of: "journey",
      name: journey.name,
      path: path(journey.slug),
      key: ["journey", journey.slug],
      mayWrite: journey.may.write,
      channels: COST_CHANNELS,
      search: { aim, behind, choosing: panel === "aims" },
      set: ({ choosing, ...part }, quietly) =>
        set({ ...part, panel: choosing ? "aims" : undefined }, quietly),
      onPerson: (enrollment) => set({ walk: enrollment }),
      person: walk,
    }),
    [journey.name, journey.slug, journey.may.write, aim, behind, panel, walk, set],
  );
  return (
    <ProofPageProvider value={page}>
      <Effect />
    </ProofPageProvider>
  );
}
