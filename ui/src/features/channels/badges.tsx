import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/design/StatusBadge";
import type { Sender } from "./data";

/** Whether a sender sends for real, lands in the mailbox, or is not complete yet. */
export function SenderBadge({ sender }: { sender: Pick<Sender, "live" | "ready"> }) {
  const { t } = useTranslation("channels");
  const state = sender.live ? "live" : sender.ready ? "inside" : "incomplete";
  const tone = sender.live ? "good" : sender.ready ? "draft" : "warn";
  return (
    <StatusBadge tone={tone} plain>
      {t(`state.${state}`)}
    </StatusBadge>
  );
}
