/** What every form of the inspector shares. */
import { createContext, useContext } from "react";
import type { Catalog } from "@/features/rules";
import type { Placed } from "../model/faults";
import type { Body } from "../model/graph";
import type { CardOut, Choices } from "../types";

export interface Editing {
  body: Body;
  /** Edits with the same mark in a row are one step of undo. */
  change: (next: Body, mark?: string) => void;
  readOnly: boolean;
  catalog: Catalog | undefined;
  choices: Choices | undefined;
  cards: readonly CardOut[];
  /** The faults of what is open in the inspector. */
  faults: readonly Placed[];
}

const Context = createContext<Editing | null>(null);
export const EditingProvider = Context.Provider;

export function useEditing(): Editing {
  const found = useContext(Context);
  if (!found) throw new Error("outside of the inspector");
  return found;
}
