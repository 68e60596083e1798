/** What the API answers about customers. */

export interface Bilingual {
  ja: string;
  en: string;
}

export interface ShownField {
  name: string;
  label: Bilingual;
  type: string;
  scale: number;
  meaning: string | null;
}

export interface ToldField extends ShownField {
  value: unknown;
  masked: boolean;
}

export interface CustomerRow {
  id: string;
  key: string;
  display: string | null;
  fields: ToldField[];
}

export interface Related {
  relation: string;
  label: Bilingual;
  dataset: string;
  many: boolean;
  total: number;
  fields: ShownField[];
  rows: Record<string, unknown>[];
}

export interface TimelineEvent {
  ts: string | null;
  event: string | null;
  dataset: string;
  label: Bilingual;
  fields: ToldField[];
}

export interface Person {
  id: string;
  subject: string;
  dataset: string;
  key: string;
  display: string | null;
  as_of: string;
  fields: ToldField[];
  related: Related[];
  timeline: TimelineEvent[];
}

export interface PersonRef {
  id: string;
  name: string;
}

export interface Contact {
  id: string;
  list_id: string;
  list_name: string;
  kind_label: string;
  channel: Channel;
  direction: "outbound" | "inbound";
  outcome_label: string;
  outcome_kind: string;
  note: string;
  next_step: string | null;
  next_at: string | null;
  by: PersonRef | null;
  at: string;
  undone_at: string | null;
  blocked: string | null;
}

export interface OnList {
  list_id: string;
  list_name: string;
  member_id: number;
  status: string;
  meaning: "open" | "working" | "done" | "dropped";
  assignee: PersonRef | null;
  state: string;
  present: boolean;
  last_contact: string | null;
  last_contact_at: string | null;
}

export const CHANNELS = ["phone", "visit", "email", "post", "meeting"] as const;
export type Channel = (typeof CHANNELS)[number];
export const HOLDS = [
  "complaint",
  "inheritance",
  "deceased",
  "guardianship",
  "antisocial",
] as const;
export type Hold = (typeof HOLDS)[number];
export const RESTRICTS = ["refusal", "hold", "do_not_contact"] as const;
export type Restrict = (typeof RESTRICTS)[number];

export interface Reason {
  code: string;
  sentence: string;
  restriction_id: string;
}

export interface Decision {
  answer: "allow" | "defer" | "needs_approval" | "deny";
  allowed: boolean;
  until: string | null;
  by: string | null;
  reasons: Reason[];
  sentence: string;
}

export interface Restriction {
  id: string;
  type: Restrict;
  kind: Hold | null;
  label: string;
  sentence: string;
  product: string | null;
  product_label: string | null;
  channel: Channel | null;
  until: string | null;
  reason: string;
  by: PersonRef | null;
  at: string;
  active: boolean;
  released_at: string | null;
  released_by: PersonRef | null;
  release_reason: string | null;
}
