/** What the API answers about policies, the calendar and imports. */
import type { Schemas } from "@/client/http";

export type Policy = Schemas["PolicyOut"];
export type PolicyDetail = Schemas["PolicyDetailOut"];
export type Version = Schemas["PolicyVersionOut"];
export type Body = Schemas["DraftIn"]["body"];
export type Kind = Body["kind"];
export type BodyOf<K extends Kind> = Extract<Body, { kind: K }>;
export type Applies = Schemas["Applies"];
export type ByClass = Schemas["ByClass"];
export type Stopping = ByClass["promotion"];
export type Example = Schemas["Example"];
export type Checked = Schemas["CheckedPolicyOut"];
export type Outcome = Schemas["ExampleOutcomeOut"];
export type DryRun = Schemas["DryRunOut"];
export type CalendarInfo = Schemas["CalendarOut"];
export type CalendarBody = CalendarInfo["body"];
export type Preview = Schemas["StopPreviewOut"];
export type ImportRow = Schemas["StopImportOut"];

export const CLASSES = ["promotion", "service", "transactional"] as const;
export const HOLDS = [
  "complaint",
  "inheritance",
  "guardianship",
  "deceased",
  "antisocial",
] as const;
export const STOPPING = ["allow", "needs_approval", "deny"] as const;
export const DAYS = [
  "monday",
  "tuesday",
  "wednesday",
  "thursday",
  "friday",
  "saturday",
  "sunday",
] as const;
/** The kinds a new policy may have; the ground is always there. */
export const NEW_KINDS = [
  "consent",
  "cap",
  "quiet_hours",
  "business_hours",
  "age",
  "address",
  "rule",
] as const satisfies readonly Kind[];
export type NewKind = (typeof NEW_KINDS)[number];
