/** What the API answers about sends and deliveries. */
import type { Schemas } from "@/client/http";
import type { StatusBadge } from "@/design/StatusBadge";

export type SendRow = Schemas["SendRow"];
export type SendDetail = Schemas["SendDetail"];
export type SendBody = Schemas["SendBody"];
export type SendState = SendRow["state"];
export type Counts = Schemas["SendCounts"];
export type Preview = Schemas["SendPreview"];
export type PreviewPerson = Schemas["SendPreviewPerson"];
export type ReasonCount = Schemas["SendReasonCount"];
export type Report = Schemas["SendReport"];
export type Rate = Schemas["SendRate"];
export type DeliveryRow = Schemas["DeliveryRow"];
export type DeliveryPage = Schemas["DeliveryPage"];
export type DeliveryDetail = Schemas["DeliveryDetail"];
export type DeliveryState = DeliveryRow["state"];
export type Response = Schemas["DeliveryResponse"];
export type Held = Schemas["SendingHeld"];
export type Queues = Schemas["SendingQueues"];
export type Tone = React.ComponentProps<typeof StatusBadge>["tone"];

export const SEND_STATES = [
  "draft",
  "preparing",
  "sending",
  "paused",
  "cancelled",
  "done",
] as const satisfies readonly SendState[];

/** In the order in which they are told: what has ended well first, what waits last. */
export const DELIVERY_STATES = [
  "sent",
  "attempting",
  "queued",
  "unknown",
  "failed",
  "suppressed",
] as const satisfies readonly DeliveryState[];

/** The states of those who did not get it, and never will by themselves. */
export const MISSED = [
  "failed",
  "suppressed",
  "unknown",
] as const satisfies readonly DeliveryState[];
