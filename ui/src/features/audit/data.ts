import { call, type Schemas } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type { AuditSearch } from "./routes";

export type AuditRow = Schemas["AuditOut"];

export type Verification = Schemas["Verification"];

/** Groups of actions offered as a filter; the API takes `list.` as "all below it". */
export const GROUPS = [
  "sign_in",
  "customer",
  "list",
  "member",
  "engagement",
  "gate",
  "policy",
  "consent",
  "approval",
  "definition",
  "rule",
  "data",
  "user",
  "role",
  "privacy",
  "audit",
] as const;

export function useAudit(search: AuditSearch) {
  const { row: _, ...wanted } = search;
  const query = { ...wanted, action: wanted.action ? `${wanted.action}*` : undefined };
  return usePages<AuditRow>(["audit", query], (offset, limit, signal) =>
    call<Paged<AuditRow>>("GET", "/api/audit", { query: { ...query, offset, limit }, signal }),
  );
}
