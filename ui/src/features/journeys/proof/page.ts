/** The page that the figures stand on: a journey's, or that of a send. */
import { createContext, useContext } from "react";

export interface ProofSearch {
  /** Which success. */
  aim?: number | undefined;
  /** The number whose people are open. */
  behind?: string | undefined;
  /** What counts is being chosen. */
  choosing?: boolean | undefined;
}

export interface ProofPage {
  of: "journey" | "send";
  name: string;
  /** Of its API: `/api/sends/spring`. */
  path: string;
  /** Where all that is known of its effect is kept. */
  key: readonly string[];
  mayWrite: boolean;
  /** What a cost can be given for. */
  channels: readonly string[];
  search: ProofSearch;
  set: (part: ProofSearch, quietly?: boolean) => void;
  /** Opens what happened to one of the people; the last one is marked. */
  onPerson?: (enrollment: number) => void;
  person?: number | undefined;
}

const Context = createContext<ProofPage | null>(null);
export const ProofPageProvider = Context.Provider;

export function useProofPage(): ProofPage {
  const found = useContext(Context);
  if (!found) throw new Error("outside of a page with an effect");
  return found;
}
