import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/design/StatusBadge";
import type { DeliveryState, SendState, Tone } from "./types";

const SEND: Record<SendState, Tone> = {
  draft: "draft",
  preparing: "working",
  sending: "working",
  paused: "warn",
  cancelled: "neutral",
  done: "good",
};

export const DELIVERY: Record<DeliveryState, Tone> = {
  queued: "draft",
  attempting: "working",
  sent: "good",
  failed: "alarm",
  suppressed: "neutral",
  unknown: "warn",
};

export function SendBadge({ state, plain }: { state: SendState; plain?: boolean }) {
  const { t } = useTranslation("sends");
  return (
    <StatusBadge tone={SEND[state]} plain={plain}>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}

/** A delivery's state; `held`: it waits because its send or its journey is paused. */
export function DeliveryBadge({ state, held }: { state: DeliveryState; held?: boolean }) {
  const { t } = useTranslation("sends");
  return (
    <StatusBadge tone={held ? "warn" : DELIVERY[state]} plain>
      {t(held ? "delivery.held" : `delivery.${state}`)}
    </StatusBadge>
  );
}
