/** The graph of a journey as it is stored: the same shapes as the server's, every part present. */
import type { JsonObject } from "@/features/rules";

export interface Words2 {
  ja: string;
  en: string;
}

export type Weekday = "mon" | "tue" | "wed" | "thu" | "fri" | "sat" | "sun";
export const WEEKDAYS: readonly Weekday[] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

// ── what is listened to ──────────────────────────────────────────────────────────────────────

export interface OnEvent {
  kind: "event";
  event: string[];
  where: JsonObject | null;
  same_key: string;
}

export interface OnSegment {
  kind: "segment";
  segment: string;
  crossing: "entered" | "left";
}

export interface OnRule {
  kind: "rule";
  rule: JsonObject;
}

export interface OnListStatus {
  kind: "list_status";
  list: string;
  status: string[];
}

export type Signal = OnEvent | OnSegment | OnRule | OnListStatus;

// ── how people come in ───────────────────────────────────────────────────────────────────────

export type SegmentEntry = OnSegment & { present: boolean };
export type EventEntry = OnEvent & { key: string };

export interface DateEntry {
  kind: "date";
  field: string;
  related: string;
  where: JsonObject | null;
  offset: string;
  at: string;
  yearly: boolean;
}

export interface ScheduleEntry {
  kind: "schedule";
  every: "once" | "day" | "business_day" | "week" | "month";
  at: string;
  weekdays: Weekday[];
  day: number | null;
  on: string;
}

export interface ApiEntry {
  kind: "api";
}

export type Entry = SegmentEntry | EventEntry | DateEntry | ScheduleEntry | OnListStatus | ApiEntry;
export const ENTRY_KINDS = [
  "segment",
  "event",
  "date",
  "schedule",
  "list_status",
  "api",
] as const satisfies readonly Entry["kind"][];

export interface Reentry {
  kind: "never" | "after_exit" | "after" | "per_key";
  after: string | null;
}

// ── steps ────────────────────────────────────────────────────────────────────────────────────

export const CARD_PARTS = ["who", "what", "why", "when", "where", "how"] as const;
export type CardPart = (typeof CARD_PARTS)[number];
/** The graph says the others already. */
export const CARD_WRITTEN: readonly CardPart[] = ["who", "what", "why"];
export type Card = Record<CardPart, string>;

type Next = string | null;

interface Named {
  name: string;
}

interface Onward extends Named {
  next: Next;
}

export interface WaitDuration extends Onward {
  kind: "wait";
  duration: string;
}

export interface WaitUntil extends Onward {
  kind: "wait_until";
  since: string;
  until: string;
  weekdays: Weekday[];
  business: boolean;
}

export type WaitSignal = OnEvent | OnSegment | OnListStatus;

export interface WaitEvent extends Onward {
  kind: "wait_event";
  signal: WaitSignal;
  timeout: string;
  timeout_next: Next;
}

export interface WaitDate extends Onward {
  kind: "wait_date";
  field: string;
  offset: string;
  at: string;
  passed_next: Next;
  unset_next: Next;
}

export interface Arm {
  label: Words2;
  rule: JsonObject;
  next: Next;
}

export interface Branch extends Onward {
  kind: "branch";
  arms: Arm[];
}

export interface Share {
  label: Words2;
  percent: number;
  next: Next;
}

export interface Split extends Named {
  kind: "split";
  shares: Share[];
  salt: string;
}

export interface Holdout extends Onward {
  kind: "holdout";
  percent: number;
  salt: string;
  control_next: Next;
}

export interface MessageStep extends Onward {
  kind: "message";
  template: string;
  sender: string;
  card: Card;
  failed_next: Next;
}

export interface Outcome {
  status: string[];
  next: Next;
}

/** The channels of messages; what humans do is told apart below. */
export const MESSAGE_CHANNELS = ["email", "sms", "line", "push", "webhook"] as const;

export const TASK_CONTACTS = ["phone", "visit", "mail", "meeting", "task"] as const;

export interface TaskStep extends Onward {
  kind: "task";
  list: string;
  contact: (typeof TASK_CONTACTS)[number];
  text: string;
  card: Card;
  outcomes: Outcome[];
  timeout: string | null;
  timeout_next: Next;
}

export interface UpdateStep extends Onward {
  kind: "update";
  event: string;
  values: Record<string, string | number | boolean>;
}

export interface ScoreStep extends Onward {
  kind: "score";
  score: string;
  points: number;
}

export interface WebhookStep extends Onward {
  kind: "webhook";
  template: string;
  sender: string;
  card: Card;
  failed_next: Next;
}

export interface Join extends Onward {
  kind: "join";
}

export interface GoalStep extends Onward {
  kind: "goal";
}

export interface ExitStep extends Named {
  kind: "exit";
  reason: Words2;
}

export type Step =
  | WaitDuration
  | WaitUntil
  | WaitEvent
  | WaitDate
  | Branch
  | Split
  | Holdout
  | MessageStep
  | TaskStep
  | UpdateStep
  | ScoreStep
  | WebhookStep
  | Join
  | GoalStep
  | ExitStep;
export type StepKind = Step["kind"];
export type StepOf<K extends StepKind> = Extract<Step, { kind: K }>;

/** The palette, in groups. */
export const STEP_GROUPS = {
  act: ["message", "task", "webhook"],
  wait: ["wait", "wait_until", "wait_event", "wait_date"],
  part: ["branch", "split", "holdout", "join"],
  note: ["update", "score"],
  finish: ["goal", "exit"],
} as const satisfies Record<string, readonly StepKind[]>;
export const STEP_KINDS: readonly StepKind[] = Object.values(STEP_GROUPS).flat();

// ── the whole ────────────────────────────────────────────────────────────────────────────────

export interface Conversion {
  name: Words2;
  event: string[];
  where: JsonObject | null;
  window: string;
  value: string;
}

export interface Sheet {
  audience: string;
  aim: string;
  loyalty: string[];
  content: string;
  timing: string;
  channel: string;
}

export interface Point {
  x: number;
  y: number;
}

export const HOLD_KINDS = [
  "complaint",
  "inheritance",
  "deceased",
  "guardianship",
  "antisocial",
] as const;
export type HoldKind = (typeof HOLD_KINDS)[number];
export const HOLD_ANSWERS = ["pause", "suppress", "end"] as const;
export type HoldAnswer = (typeof HOLD_ANSWERS)[number];
/** What a hold does where the journey says nothing of its own. */
export const DEFAULT_HOLDS: Record<HoldKind, HoldAnswer> = {
  complaint: "pause",
  inheritance: "end",
  deceased: "end",
  guardianship: "pause",
  antisocial: "end",
};

export type Steps = Readonly<Record<string, Step>>;

export interface Body {
  purpose: string;
  product: string;
  entries: Entry[];
  audience: JsonObject | null;
  reentry: Reentry;
  start: Next;
  steps: Steps;
  exits: Signal[];
  goal: { signals: Signal[] };
  holds: Partial<Record<HoldKind, HoldAnswer>>;
  conversions: Conversion[];
  cost: Record<string, number>;
  sheet: Sheet;
  layout: Record<string, Point>;
}

/** The entry as a place on the canvas; a step's id begins with a letter, so it is never taken. */
export const ENTRY = "_entry";
