import type { Fault } from "@/client/errors";
import { call } from "@/client/http";
import { type Paged, usePages } from "@/client/pages";
import type { AuditSearch } from "./routes";

export interface AuditRow {
  seq: number;
  at: string;
  actor: string;
  actor_name: string;
  role: string;
  action: string;
  object_type: string;
  object_id: string;
  detail: Record<string, unknown>;
  subjects: string[];
  hash: string;
}

export interface Verification {
  ok: boolean;
  checked: number;
  faults: Fault[];
}

/** Groups of actions offered as a filter; the API takes `list.` as "all below it". */
export const GROUPS = [
  "sign_in",
  "person",
  "list",
  "member",
  "engagement",
  "restriction",
  "definition",
  "rule",
  "load",
  "user",
  "role",
  "audit",
] as const;

export function useAudit(search: AuditSearch) {
  const { row: _, ...wanted } = search;
  const query = { ...wanted, action: wanted.action ? `${wanted.action}*` : undefined };
  return usePages<AuditRow>(["audit", query], (offset, limit, signal) =>
    call<Paged<AuditRow>>("GET", "/api/audit", { query: { ...query, offset, limit }, signal }),
  );
}
