/** What the effect of a journey or a send asks of the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, type Query, type Schemas } from "@/client/http";
import type { ProofPage } from "./page";

export type Proof = Schemas["ProofOut"];
export type Success = Schemas["ProofSuccess"];
export type Rate = Schemas["ProofRate"];
export type ProofStep = Schemas["ProofStep"];
export type Contact = Schemas["ProofContact"];
export type HoldoutProof = Schemas["ProofHoldout"];
export type ProofPerson = Schemas["ProofPerson"];
export type ProofSettings = Schemas["ProofSettingsOut"];

/** How often the figures are looked at again; the server counts them anew every ten minutes. */
const LOOK_MS = 60_000;

type Where = Pick<ProofPage, "key" | "path">;

export const proofQuery = ({ key, path }: Where) =>
  queryOptions({
    queryKey: [...key, "proof"],
    queryFn: ({ signal }) => call<Proof>("GET", `${path}/proof`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_MS,
  });

export function countAnew({ path }: Where) {
  return call<Proof>("GET", `${path}/proof`, { query: { fresh: true } });
}

export const proofSettingsQuery = ({ key, path }: Where) =>
  queryOptions({
    queryKey: [...key, "proof-settings"],
    queryFn: ({ signal }) => call<ProofSettings>("GET", `${path}/proof/settings`, { signal }),
  });

export function fetchBehind({ path }: Where, query: Query, signal?: AbortSignal) {
  return call<Schemas["ProofPeople"]>("GET", `${path}/proof/people`, { query, signal });
}

// ── which number's people are open: one word in the URL ──────────────────────────────────────

export interface Behind {
  kind: "what" | "group";
  name: string;
  step: string;
  reason: string;
}

export function writeBehind(kind: Behind["kind"], name: string, step = "", reason = ""): string {
  return [kind, name, step, reason].join(".").replace(/\.+$/, "");
}

export function readBehind(text: string | undefined): Behind | null {
  const [kind, name, step = "", ...rest] = (text ?? "").split(".");
  if ((kind !== "what" && kind !== "group") || !name) return null;
  return { kind, name, step, reason: rest.join(".") };
}

export function behindQuery(behind: Behind, aim: number): Query {
  const { kind, name, step, reason } = behind;
  return kind === "group"
    ? { group: name, step, conversion: aim }
    : { what: name, step, reason: reason || undefined };
}
