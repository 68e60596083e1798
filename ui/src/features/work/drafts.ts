/**
 * What a representative has typed and not yet saved, kept in the browser so that an expired
 * session, a lost connection or a closed tab costs nothing.
 */

export interface Draft {
  kind: string | null;
  outcome: string | null;
  note: string;
  nextStep: string;
  nextAt: string;
  inbound: boolean;
  /** The same key for every attempt to save this draft: it is logged once. */
  key: string;
}

export function emptyDraft(key: string): Draft {
  return { kind: null, outcome: null, note: "", nextStep: "", nextAt: "", inbound: false, key };
}

export function isEmpty(draft: Draft): boolean {
  return (
    draft.kind === null &&
    draft.outcome === null &&
    draft.note.trim() === "" &&
    draft.nextStep.trim() === "" &&
    draft.nextAt === ""
  );
}

type Store = Pick<Storage, "getItem" | "setItem" | "removeItem">;

const place = (user: string, list: string, member: number) =>
  `enishi.draft.${user}.${list}.${member}`;

export function readDraft(store: Store, user: string, list: string, member: number): Draft | null {
  try {
    const found = JSON.parse(
      store.getItem(place(user, list, member)) ?? "null",
    ) as Partial<Draft> | null;
    if (!found || typeof found.key !== "string" || typeof found.note !== "string") return null;
    return { ...emptyDraft(found.key), ...found };
  } catch {
    return null;
  }
}

/** Keeps the draft; an empty one is forgotten. */
export function keepDraft(
  store: Store,
  user: string,
  list: string,
  member: number,
  draft: Draft,
): void {
  if (isEmpty(draft)) store.removeItem(place(user, list, member));
  else store.setItem(place(user, list, member), JSON.stringify(draft));
}

export function dropDraft(store: Store, user: string, list: string, member: number): void {
  store.removeItem(place(user, list, member));
}
