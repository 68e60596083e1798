/** The shapes of lists, members, engagements and tracking as the API gives them. */
import type { Schemas } from "@/client/http";
import type { JsonObject } from "@/features/rules";

export interface Words {
  ja: string;
  en: string;
}

export interface PersonRef {
  id: string;
  name: string;
}

export type Meaning = "open" | "working" | "done" | "dropped";
export type Priority = "high" | "medium" | "low";
export type Stage = "members" | "attempted" | "reached" | "positive" | "won";
export type Channel = "phone" | "visit" | "email" | "post" | "meeting";
export type ColumnFormat =
  | "text"
  | "number"
  | "money"
  | "percent"
  | "date"
  | "datetime"
  | "boolean"
  | "phone"
  | "email"
  | "list";

// Definitions

export interface DefinitionColumn {
  name: string;
  label: Words;
  value: JsonObject;
  format: ColumnFormat;
  order: number;
  role?: "owner" | "branch" | null;
}

export interface DefinitionFilter {
  name: string;
  label: Words;
  value: JsonObject;
}

export interface DefinitionStatus {
  code: string;
  label: Words;
  meaning: Meaning;
}

export interface DefinitionKind {
  code: string;
  label: Words;
  channel: Channel;
}

export const OUTCOME_KINDS = [
  "no_answer",
  "reached",
  "positive",
  "won",
  "refused",
  "complaint",
] as const;
export type OutcomeKind = (typeof OUTCOME_KINDS)[number];

export const BLOCKS = [
  "nothing",
  "product",
  "all",
  "complaint",
  "inheritance",
  "deceased",
  "guardianship",
  "antisocial",
] as const;
export type Blocks = (typeof BLOCKS)[number];

export interface DefinitionOutcome {
  code: string;
  label: Words;
  kind: OutcomeKind;
  status?: string | null;
  blocks?: Blocks | null;
}

export interface DefinitionBody {
  name: Words;
  description?: Words | null;
  subject: string;
  purpose?: string | null;
  product?: string | null;
  product_label?: Words | null;
  rule: JsonObject;
  columns: DefinitionColumn[];
  filters: DefinitionFilter[];
  statuses: DefinitionStatus[];
  kinds: DefinitionKind[];
  outcomes: DefinitionOutcome[];
  talk_guide: string;
  lease_minutes: number;
}

export interface DatasetState {
  state: "none" | "queued" | "building" | "ready" | "failed";
  rows: number | null;
  as_of: string | null;
  built_at: string | null;
  old: boolean;
  message: string;
}

export type DefinitionState = "draft" | "active" | "retired";

export interface Definition {
  id: string;
  slug: string;
  version: number;
  state: DefinitionState;
  name: string;
  body: DefinitionBody;
  sentence: string;
  dataset: DatasetState;
  open_lists: number;
  created_at: string;
  created_by: PersonRef | null;
  activated_at: string | null;
  retired_at: string | null;
}

export interface Column {
  name: string;
  label: string;
  format: ColumnFormat | string;
  type: string;
  role: "owner" | "branch" | null;
  masked: boolean;
}

export interface DatasetPage {
  dataset: DatasetState;
  columns: Column[];
  items: { id: string; key: string; display: string; values: Record<string, unknown> }[];
  total: number | null;
}

// Lists

export interface Band {
  from: number;
  points: number;
}

export interface ScorePart {
  value: JsonObject;
  label: Words;
  weight?: number | null;
  map?: Record<string, number> | null;
  bands?: Band[] | null;
}

export type PriorityRule =
  | { kind: "fixed"; level: Priority }
  | {
      kind: "score";
      parts: ScorePart[];
      high_from?: number | null;
      medium_from?: number | null;
    };

export type Assignment =
  | { kind: "by_hand" }
  | { kind: "round_robin"; users: string[] }
  | { kind: "owner"; column?: string | null; otherwise: string[] };

export interface ListDraft {
  definition: string;
  filter: JsonObject | null;
  priority: PriorityRule;
  top_n: number | null;
  assignment: Assignment;
  due: string | null;
}

export interface SampleRow {
  id: string;
  key: string;
  display: string;
  values: Record<string, unknown>;
  score: number | null;
  priority: Priority;
  reasons: string[];
  blocked: string | null;
  other_lists: number;
}

export interface ListPreview {
  count: number;
  members: number;
  sentence: string;
  columns: Column[];
  sample: SampleRow[];
  on_other_lists: number;
  blocked: number;
  ms: number;
  as_of: string;
  as_known_today: string[];
  warnings: string[];
}

export type BuildState =
  | "queued"
  | "gathering"
  | "writing"
  | "folding"
  | "done"
  | "failed"
  | "cancelled";

export interface Build {
  id: string;
  number: number;
  state: BuildState;
  progress: number;
  found: number | null;
  written: number;
  added: number;
  left: number;
  changed: number;
  as_of: string | null;
  requested_by: PersonRef | null;
  requested_at: string;
  started_at: string | null;
  ended_at: string | null;
  message: string;
}

export type ListState = "building" | "open" | "closed" | "failed";

export interface ListSummary {
  id: string;
  slug: string;
  name: string;
  state: ListState;
  definition_id: string;
  definition_slug: string;
  definition_name: string;
  purpose: string | null;
  product: string | null;
  due: string | null;
  created_at: string;
  created_by: PersonRef | null;
  closed_at: string | null;
  refreshed_at: string | null;
  total: number;
  open: number;
  working: number;
  done: number;
  dropped: number;
  left: number;
  can_work: boolean;
  can_manage: boolean;
  build: Build | null;
}

export interface Status {
  code: string;
  label: string;
  meaning: Meaning;
  members: number;
}

export interface Kind {
  code: string;
  label: string;
  channel: Channel | string;
}

export interface Outcome {
  code: string;
  label: string;
  kind: OutcomeKind | string;
  status: string | null;
  blocks: string;
  blocks_text: string;
}

export interface Share {
  id: string;
  user: PersonRef;
  level: "view" | "work";
  by: PersonRef | null;
  at: string;
}

export interface Assignee {
  user: PersonRef | null;
  members: number;
  done: number;
}

export interface ListDetail extends ListSummary {
  sentence: string;
  filter: JsonObject | null;
  priority: PriorityRule;
  top_n: number | null;
  assignment: Assignment;
  columns: Column[];
  statuses: Status[];
  kinds: Kind[];
  outcomes: Outcome[];
  shares: Share[];
  assignees: Assignee[];
  talk_guide: string;
}

export interface Change {
  kind: "added" | "left" | "changed";
  member_id: number;
  display: string;
  fields: string[];
  before: Record<string, unknown>;
  after: Record<string, unknown>;
  has_work: boolean;
  at: string;
}

// Members

export interface Lease {
  by: PersonRef;
  until: string;
  mine: boolean;
}

export interface Member {
  id: number;
  list_id: string;
  person_id: string;
  key: string;
  display: string;
  masked: boolean;
  values: Record<string, unknown>;
  priority: Priority;
  score: number | null;
  reasons: string[];
  status: string;
  meaning: Meaning;
  assignee: PersonRef | null;
  attempts: number;
  stage: number;
  last_contact_at: string | null;
  last_outcome: string | null;
  next_step: string | null;
  next_at: string | null;
  lease: Lease | null;
  present: boolean;
  blocked: string | null;
  other_lists: number;
}

export interface Engagement {
  id: string;
  list_id: string;
  list_name: string;
  member_id: number;
  person_id: string;
  kind: string;
  kind_label: string;
  channel: string;
  direction: "outbound" | "inbound";
  outcome: string;
  outcome_label: string;
  outcome_kind: string;
  note: string;
  next_step: string | null;
  next_at: string | null;
  by: PersonRef | null;
  at: string;
  undone_at: string | null;
  undo_until: string | null;
  blocked: string | null;
}

export interface OtherList {
  list_id: string;
  list_name: string;
  status: string;
  meaning: Meaning;
  assignee: PersonRef | null;
  state: string;
  present: boolean;
  last_contact: string | null;
  last_contact_at: string | null;
  member_id: number;
}

export type Decision = Schemas["DecisionOut"];

export interface Restriction {
  id: string;
  type: string;
  label: string;
  sentence: string;
  until: string | null;
  reason: string;
  by: PersonRef | null;
  at: string;
  active: boolean;
}

export interface MemberDetail extends Member {
  columns: Column[];
  why: { sentence: string; truth: boolean; found: string | null }[];
  why_sentence: string;
  gate: Record<string, Decision>;
  restrictions: Restriction[];
  lists: OtherList[];
  contacts: Engagement[];
  talk_guide: string;
  warning: string | null;
}

export interface EngagementDraft {
  kind: string;
  outcome: string;
  note: string;
  next_step: string | null;
  next_at: string | null;
  direction: "outbound" | "inbound";
  idempotency_key: string;
}

export interface EngagementDone {
  engagement: Engagement;
  member: Member;
  replayed: boolean;
}

// Tracking

export interface FunnelRow {
  key: string;
  label: string;
  members: number | null;
  attempted: number;
  reached: number;
  positive: number;
  won: number;
}

export interface Tracking {
  by: "assignee" | "branch" | "day";
  total: FunnelRow;
  rows: FunnelRow[];
  refused: number;
  complaints: number;
  blocked: number;
  outcomes: { code: string; label: string; kind: string; engagements: number }[];
}

// Today

export interface Task {
  member: Member;
  list_name: string;
  due: string | null;
  why: string;
  kind: "leased" | "follow_up" | "assigned";
}

export interface Today {
  date: string;
  tasks: Task[];
  follow_ups: Task[];
  changes: {
    list_id: string;
    list_name: string;
    build_id: string;
    added: number;
    left: number;
    changed: number;
    at: string;
  }[];
  done_today: number;
  planned_today: number;
  at_risk: { list: ListSummary; why: string }[];
  blocked: {
    person_id: string;
    display: string;
    list_id: string;
    list_name: string;
    member_id: number;
    reason: string;
  }[];
  blocked_total: number;
  outcomes_week: { kind: string; label: string; engagements: number }[];
  builds: Build[];
}
