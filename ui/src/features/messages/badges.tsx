import {
  IconBell,
  IconBrandLine,
  IconDeviceMobileMessage,
  IconMail,
  IconUserCheck,
  IconWebhook,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/design/StatusBadge";
import classes from "./messages.module.css";
import type { Channel } from "./model/body";
import type { TemplateRow, Tone, VersionState } from "./types";

const ICONS: Record<Channel, typeof IconMail> = {
  email: IconMail,
  sms: IconDeviceMobileMessage,
  line: IconBrandLine,
  push: IconBell,
  webhook: IconWebhook,
  person: IconUserCheck,
};

/** A channel's picture, with its word for those who hear it. */
export function ChannelIcon({ channel }: { channel: Channel }) {
  const { t } = useTranslation("messages");
  const Icon = ICONS[channel];
  return <Icon size={16} stroke={1.6} role="img" aria-label={t(`channel.${channel}`)} />;
}

/** A channel: its picture and its word. */
export function ChannelMark({ channel }: { channel: Channel }) {
  const { t } = useTranslation("messages");
  const Icon = ICONS[channel];
  return (
    <span className={classes.channel}>
      <Icon size={16} stroke={1.6} aria-hidden />
      {t(`channel.${channel}`)}
    </span>
  );
}

export const STATE_TONES: Record<VersionState, Tone> = {
  draft: "draft",
  review: "working",
  approved: "good",
  replaced: "neutral",
};

/** How a template stands: what is sent, and what is being worked on. */
export function TemplateState({
  template,
}: {
  template: Pick<TemplateRow, "approved" | "work" | "archived_at">;
}) {
  const { t } = useTranslation("messages");
  if (template.archived_at) {
    return (
      <StatusBadge tone="neutral" plain>
        {t("state.archived")}
      </StatusBadge>
    );
  }
  return (
    <span className={classes.states}>
      {[template.approved, template.work].map(
        (one) =>
          one && (
            <StatusBadge key={one.id} tone={STATE_TONES[one.state]} plain>
              {t("stateOf", { state: t(`state.${one.state}`), number: one.number })}
            </StatusBadge>
          ),
      )}
    </span>
  );
}
