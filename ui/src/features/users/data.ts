import { queryOptions } from "@tanstack/react-query";
import { call } from "@/client/http";
import type { Paged } from "@/client/pages";

export const ROLES = [
  "administrator",
  "manager",
  "representative",
  "marketer",
  "analyst",
  "auditor",
] as const;
export type RoleName = (typeof ROLES)[number];
export type Pii = "none" | "low" | "high";
export const PII_LEVELS: readonly Pii[] = ["none", "low", "high"];

export interface UserRow {
  id: string;
  email: string;
  name: string;
  name_kana?: string;
  role: RoleName;
  attributes: Record<string, string>;
  locale: string;
  is_active: boolean;
  created_at: string;
  joined_at: string | null;
}

export interface RoleRow {
  name: RoleName;
  label: string;
  scope: unknown;
  /** The scope as a sentence in the reader's language; null when every row is seen. */
  sentence: string | null;
  pii: Pii;
  permissions: string[];
}

export interface Invited {
  invitation_url: string;
}

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) => call<Paged<UserRow>>("GET", "/api/users", { query: { limit: 500 }, signal }),
});

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: async ({ signal }) => {
    const found = await call<RoleRow[] | Paged<RoleRow>>("GET", "/api/roles", { signal });
    return Array.isArray(found) ? found : found.items;
  },
});

export type Standing = "active" | "invited" | "inactive";

export function standing(user: UserRow): Standing {
  if (!user.is_active) return "inactive";
  return user.joined_at ? "active" : "invited";
}

/** One attribute a line, `name: value`, as it is typed. */
export function writeAttributes(attributes: Record<string, unknown>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}: ${String(value)}`)
    .join("\n");
}

/** Null when a line is not `name: value`. */
export function readAttributes(text: string): Record<string, string> | null {
  const found: Record<string, string> = {};
  for (const line of text.split("\n")) {
    if (line.trim() === "") continue;
    const at = line.search(/[:：]/);
    const name = at < 0 ? "" : line.slice(0, at).trim();
    const value = at < 0 ? "" : line.slice(at + 1).trim();
    if (!name || !value) return null;
    found[name] = value;
  }
  return found;
}
