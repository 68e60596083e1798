/**
 * Readers for a route's `validateSearch`: what somebody typed into the address bar becomes a value
 * of the right type or is left out, never an error.
 */

export type Raw = Record<string, unknown>;

export function text(value: unknown): string | undefined {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  return typeof value === "string" && value !== "" ? value : undefined;
}

export function oneOf<T extends string>(value: unknown, options: readonly T[]): T | undefined {
  return options.find((one) => one === value);
}

export function flag(value: unknown): true | undefined {
  return value === true || value === "true" || value === 1 || value === "1" ? true : undefined;
}

export function whole(value: unknown): number | undefined {
  const found = typeof value === "string" ? Number(value) : value;
  return typeof found === "number" && Number.isInteger(found) && found >= 0 ? found : undefined;
}

/** `a,b,c`: a set in one parameter. */
export function set(value: string | undefined): ReadonlySet<string> {
  return new Set(value ? value.split(",") : []);
}

export function writeSet(value: ReadonlySet<string>): string | undefined {
  return value.size > 0 ? [...value].join(",") : undefined;
}

/** Where to go after signing in: a path of this site only, never another host. */
export function returnPath(value: unknown): string {
  const found = text(value);
  if (!found?.startsWith("/") || found.startsWith("//") || found.startsWith("/\\")) return "/";
  return found.startsWith("/sign-in") ? "/" : found;
}
