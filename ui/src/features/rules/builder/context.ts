/** What every part of the builder shares. */
import { createContext, useContext } from "react";
import type { Block, Group } from "../model/blocks";
import type { Catalog, Locale } from "../model/catalog";
import type { Fault, JsonObject } from "../model/json";

export interface Actions {
  /** Replaces a block; edits with the same mark in a row are one step of undo. */
  change: (block: Block, mark?: string) => void;
  add: (groupId: string, index: number, block: Block) => void;
  remove: (id: string) => void;
  duplicate: (id: string) => void;
  moveBy: (id: string, step: -1 | 1) => void;
  moveTo: (id: string, groupId: string, index: number) => void;
  wrap: (id: string) => void;
  unwrap: (id: string) => void;
  select: (id: string | null) => void;
}

/** A filter that a definition offers: the left side of a test under a name of its own. */
export interface Offer {
  name: string;
  label: { ja: string; en: string };
  value: JsonObject;
}

export interface Shared {
  catalog: Catalog;
  locale: Locale;
  subject: string;
  purpose: string | null;
  /** What a manager may filter by at the top; null: everything. */
  offered: readonly Offer[] | null;
  /** Whether operands may be an attribute of the user (row scopes, list filters). */
  userFields: readonly string[];
  readOnly: boolean;
  faults: ReadonlyMap<string, readonly Fault[]>;
  selected: string | null;
  root: Group;
  actions: Actions;
}

const Context = createContext<Shared | null>(null);
export const BuilderProvider = Context.Provider;

export function useBuilder(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("useBuilder is only for parts of RuleBuilder");
  return shared;
}
