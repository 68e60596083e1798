import { Button, Select, Tooltip } from "@mantine/core";
import {
  IconBan,
  IconCheck,
  IconClock,
  IconMail,
  IconMailbox,
  IconPhone,
  IconShieldQuestion,
  IconUserPin,
  IconUsersGroup,
} from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { catalogQuery } from "@/features/data/data";
import styles from "./customer.module.css";
import { gateQuery } from "./data";
import { CHANNELS, type Channel, type Decision } from "./types";

export const CHANNEL_ICONS: Record<Channel, typeof IconPhone> = {
  phone: IconPhone,
  visit: IconUserPin,
  email: IconMail,
  post: IconMailbox,
  meeting: IconUsersGroup,
};

const ANSWERS = {
  allow: IconCheck,
  defer: IconClock,
  needs_approval: IconShieldQuestion,
  deny: IconBan,
} as const;

interface GateStripProps {
  id: string;
  purpose?: string;
  onPurpose: (purpose: string | undefined) => void;
  /** Opens the answers for all purposes. */
  onAll: () => void;
}

/** May we contact this person: on each channel, for a purpose, now. */
export function GateStrip({ id, purpose, onPurpose, onAll }: GateStripProps) {
  const { t } = useTranslation("customers");
  const catalog = useQuery(catalogQuery);
  const purposes = catalog.data?.purposes ?? [];
  const asked = purpose ?? purposes[0]?.name;
  const gate = useQuery({ ...gateQuery(id, asked ?? ""), enabled: Boolean(asked) });
  if (gate.error)
    return <ErrorState error={gate.error} onRetry={() => void gate.refetch()} inline />;
  return (
    <section className={styles.gate} aria-label={t("gate.title")}>
      <div className={styles.gateHead}>
        <span>{t("gate.title")}</span>
        <Select
          size="xs"
          w={200}
          aria-label={t("gate.purpose")}
          allowDeselect={false}
          value={asked ?? null}
          data={purposes.map((one) => ({ value: one.name, label: one.label }))}
          onChange={(value) => onPurpose(value ?? undefined)}
        />
        <Button variant="subtle" size="compact-sm" onClick={onAll}>
          {t("gate.all")}
        </Button>
      </div>
      <ul className={styles.channels}>
        {CHANNELS.map((channel) => (
          <ChannelAnswer
            key={channel}
            channel={channel}
            decision={gate.data?.find((one) => one.channel === channel)?.decision}
          />
        ))}
      </ul>
    </section>
  );
}

function ChannelAnswer({ channel, decision }: { channel: Channel; decision?: Decision }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const Icon = CHANNEL_ICONS[channel];
  const Answer = decision ? ANSWERS[decision.answer] : IconClock;
  const words = decision
    ? decision.answer === "defer"
      ? t("gate.defer", { until: format.dateTime(decision.until) })
      : t(`gate.${decision.answer}`)
    : t("gate.asking");
  const chip = (
    <li className={styles.channel} data-answer={decision?.answer}>
      <Icon size={16} stroke={1.7} aria-hidden="true" />
      <span>{t(`channel.${channel}`)}</span>
      <span className={styles.answer}>
        <Answer size={14} stroke={2} aria-hidden="true" />
        {words}
      </span>
    </li>
  );
  if (!decision?.sentence) return chip;
  return (
    <Tooltip label={decision.sentence} multiline maw={360}>
      {chip}
    </Tooltip>
  );
}
