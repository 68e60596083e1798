/** What the effect of a journey asks of the server. */
import { keepPreviousData, queryOptions } from "@tanstack/react-query";
import { call, type Query, type Schemas } from "@/client/http";
import { path } from "../api";

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

export const proofQuery = (slug: string) =>
  queryOptions({
    queryKey: ["journey", slug, "proof"],
    queryFn: ({ signal }) => call<Proof>("GET", `${path(slug)}/proof`, { signal }),
    placeholderData: keepPreviousData,
    refetchInterval: LOOK_MS,
  });

export function countAnew(slug: string) {
  return call<Proof>("GET", `${path(slug)}/proof`, { query: { fresh: true } });
}

export const proofSettingsQuery = (slug: string) =>
  queryOptions({
    queryKey: ["journey", slug, "proof-settings"],
    queryFn: ({ signal }) => call<ProofSettings>("GET", `${path(slug)}/proof/settings`, { signal }),
  });

export function fetchBehind(slug: string, query: Query, signal?: AbortSignal) {
  return call<Schemas["ProofPeople"]>("GET", `${path(slug)}/proof/people`, { query, signal });
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
