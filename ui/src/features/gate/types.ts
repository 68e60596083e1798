/** What the API answers about contact governance of one person. */
import type { Schemas } from "@/client/http";

export const CHANNELS = [
  "phone",
  "visit",
  "email",
  "post",
  "meeting",
  "sms",
  "line",
  "push",
  "web",
] as const;
export type Channel = (typeof CHANNELS)[number];

export type Decision = Schemas["DecisionOut"];
export type Answer = Decision["answer"];
export type Matrix = Schemas["MatrixOut"];
export type Consent = Schemas["ConsentOut"];
export type Consents = Schemas["ConsentsOut"];
export type Standing = Schemas["ConsentStandingOut"];
export type How = NonNullable<Consent["how"]>;
/** How a statement reaches us, as a form offers it. */
export const HOWS = [
  "branch",
  "form",
  "phone",
  "email",
  "web",
  "app",
  "line",
  "other",
] as const satisfies readonly How[];
export type Approval = Schemas["ApprovalOut"];
