/** What every part of the builder shares. */
import { createContext, useContext } from "react";
import type { Block, Group } from "../model/blocks";
import type { Catalog, Locale } from "../model/catalog";
import type { Fault, JsonObject } from "../model/json";
import type { RuleSet } from "../model/sets";

export interface Actions {
  /** Replaces a block; edits with the same mark in a row are one step of undo. */
  change: (block: Block, mark?: string) => void;
  add: (groupId: string, index: number, block: Block) => void;
  remove: (id: string) => void;
  duplicate: (id: string) => void;
  negate: (id: string) => void;
  moveBy: (id: string, step: -1 | 1) => void;
  moveIn: (id: string) => void;
  moveOut: (id: string) => void;
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

/** Where what is being dragged would land. */
export interface DropTarget {
  group: string;
  index: number;
}

export interface Shared {
  catalog: Catalog;
  locale: Locale;
  subject: string;
  purpose: string | null;
  /** What a manager may filter by at the top; null: everything. */
  offered: readonly Offer[] | null;
  /** The segments and lists of this subject that a rule may name. */
  sets: readonly RuleSet[];
  /** Whether operands may be an attribute of the user (row scopes, list filters). */
  userFields: readonly string[];
  readOnly: boolean;
  faults: ReadonlyMap<string, readonly Fault[]>;
  selected: string | null;
  /** Grows with every edit after which the selected block has the focus. */
  focus: number;
  root: Group;
  actions: Actions;
  /** The block under the pointer while it is dragged, and where it would land. */
  dragged: string | null;
  drop: DropTarget | null;
  /** Begins to drag a block: a handler of its grip. */
  grab: (event: React.PointerEvent<HTMLElement>, id: string) => void;
}

const nothing = () => undefined;

const INERT: Actions = {
  change: nothing,
  add: nothing,
  remove: nothing,
  duplicate: nothing,
  negate: nothing,
  moveBy: nothing,
  moveIn: nothing,
  moveOut: nothing,
  moveTo: nothing,
  wrap: nothing,
  unwrap: nothing,
  select: nothing,
};

const NO_FAULTS: Shared["faults"] = new Map();

/** What a part shares outside a whole builder: one value, a finder alone. */
export function alone(
  known: Pick<Shared, "catalog" | "locale" | "subject" | "purpose" | "root">,
  actions: Actions = INERT,
): Shared {
  return {
    ...known,
    offered: null,
    sets: [],
    userFields: [],
    readOnly: false,
    faults: NO_FAULTS,
    selected: null,
    focus: 0,
    actions,
    dragged: null,
    drop: null,
    grab: nothing,
  };
}

const Context = createContext<Shared | null>(null);
export const BuilderProvider = Context.Provider;

export function useBuilder(): Shared {
  const shared = useContext(Context);
  if (!shared) throw new Error("useBuilder is only for parts of RuleBuilder");
  return shared;
}
