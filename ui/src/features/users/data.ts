import { queryOptions } from "@tanstack/react-query";
import type { Schemas } from "@/client/http";
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
export type Standing = UserRow["state"];
export type Pii = RoleRow["pii"];
export const PII_LEVELS: readonly Pii[] = ["none", "low", "high"];

export type UserRow = Omit<Schemas["UserOut"], "role" | "attributes"> & {
  role: RoleName;
  attributes: Record<string, string>;
};

export type RoleRow = Omit<Schemas["RoleOut"], "name"> & { name: RoleName };

export interface Roles {
  items: RoleRow[];
  /** The attributes of users that the scopes mention. */
  attribute_names: string[];
}

export type Invited = Schemas["Invited"];

export const usersQuery = queryOptions({
  queryKey: ["users"],
  queryFn: ({ signal }) =>
    call<Paged<UserRow>>("GET", "/api/users", { query: { limit: 500 }, signal }),
});

export const rolesQuery = queryOptions({
  queryKey: ["roles"],
  queryFn: ({ signal }) => call<Roles>("GET", "/api/roles", { signal }),
});

export type Checked = Schemas["CheckOut"];

/** A rule in words, or its faults. */
export function checkQuery(rule: unknown) {
  return queryOptions({
    queryKey: ["rules", "check", rule],
    queryFn: ({ signal }) =>
      call<Checked>("POST", "/api/rules/check", { body: { rule, user_values: true }, signal }),
    staleTime: 300_000,
  });
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
