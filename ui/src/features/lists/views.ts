/** Views of a board that a person has named: the URL's part, kept in this browser per list. */

export interface View {
  name: string;
  search: Record<string, string | undefined>;
}

export const VIEW_KEYS = [
  "status",
  "meaning",
  "assignee",
  "priority",
  "q",
  "sort",
  "hide",
] as const;

const key = (user: string, list: string) => `enishi.views.${user}.${list}`;

export function readViews(store: Pick<Storage, "getItem">, user: string, list: string): View[] {
  try {
    const found: unknown = JSON.parse(store.getItem(key(user, list)) ?? "[]");
    return Array.isArray(found) ? found.filter(isView) : [];
  } catch {
    return [];
  }
}

function isView(one: unknown): one is View {
  const view = one as Partial<View> | null;
  return typeof view?.name === "string" && typeof view.search === "object" && view.search !== null;
}

/** Adds a view, or replaces the one of the same name. */
export function withView(views: readonly View[], view: View): View[] {
  return [...views.filter((one) => one.name !== view.name), view];
}

export function writeViews(
  store: Pick<Storage, "setItem">,
  user: string,
  list: string,
  views: readonly View[],
): void {
  store.setItem(key(user, list), JSON.stringify(views));
}

/** The part of the board's URL that a view is. */
export function viewOf(search: Record<string, unknown>): View["search"] {
  const found: View["search"] = {};
  for (const name of VIEW_KEYS) {
    const value = search[name];
    if (typeof value === "string" && value !== "") found[name] = value;
  }
  return found;
}

/** A view's part of the URL with every other key taken out. */
export function applied(
  view: View["search"],
): Record<(typeof VIEW_KEYS)[number], string | undefined> {
  return Object.fromEntries(VIEW_KEYS.map((name) => [name, view[name]])) as Record<
    (typeof VIEW_KEYS)[number],
    string | undefined
  >;
}
