/** The effect of a send: the same figures as of a journey, of one contact. */
import { useMemo } from "react";
import { useMay } from "@/app/session";
import { Effect } from "@/features/journeys/proof/Effect";
import { type ProofPage, ProofPageProvider } from "@/features/journeys/proof/page";
import { path, sendQuery } from "./data";
import type { SendSearch } from "./routes";
import type { SendDetail } from "./types";

interface Props {
  send: SendDetail;
  search: SendSearch;
  onSearch: (part: SendSearch, replace?: boolean) => void;
}

export function EffectTab({ send, search, onSearch }: Props) {
  const may = useMay();
  const { aim, behind, open } = search;
  const mayWrite = may("messages.write");
  const page = useMemo<ProofPage>(
    () => ({
      of: "send",
      name: send.name,
      path: path(send.slug),
      key: sendQuery(send.slug).queryKey,
      mayWrite,
      channels: [send.channel],
      search: { aim, behind, choosing: open === "aims" },
      set: ({ choosing, ...part }, quietly) =>
        onSearch({ ...part, open: choosing ? "aims" : undefined }, quietly),
    }),
    [send.name, send.slug, send.channel, mayWrite, aim, behind, open, onSearch],
  );
  return (
    <ProofPageProvider value={page}>
      <Effect />
    </ProofPageProvider>
  );
}
