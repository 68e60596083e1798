/** How the journey runs, in a sentence, over the days chosen. */
import { Anchor, Select } from "@mantine/core";
import { IconFlame } from "@tabler/icons-react";
import type { UseQueryResult } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./flow.module.css";
import { DAYS } from "./routes";
import type { Live } from "./types";
import { useJourneySearch } from "./useJourneySearch";

interface Props {
  live: UseQueryResult<Live>;
  days: number;
  onSelect: (id: string) => void;
}

export function LiveBar({ live, days, onSelect }: Props) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { set } = useJourneySearch();
  const found = live.data;
  if (live.error && !found) {
    return <ErrorState error={live.error} inline onRetry={() => void live.refetch()} />;
  }
  const overdue = found?.nodes.reduce((sum, node) => sum + node.overdue, 0) ?? 0;
  const held =
    (found?.inside ?? 0) - (found?.nodes.reduce((sum, one) => sum + one.standing, 0) ?? 0);
  const ends = found?.ends.filter((end) => end.people > 0) ?? [];
  return (
    <div className={styles.liveBar}>
      <Select
        size="xs"
        w={130}
        aria-label={t("live.days")}
        allowDeselect={false}
        value={String(days)}
        data={DAYS.map((one) => ({ value: String(one), label: t("live.last", { count: one }) }))}
        onChange={(value) =>
          value && set({ days: DAYS.find((one) => one === Number(value)) }, true)
        }
      />
      {found && !found.counted && <span>{t("live.notCounted")}</span>}
      {found?.counted && (
        <>
          <span className={styles.figure}>
            {t("live.inside")} <b>{format.count(found.inside, "people")}</b>
            {held > 0 && (
              <span className="muted">
                {t("live.ofThemHeld", { people: format.count(held, "people") })}
              </span>
            )}
          </span>
          <span className={styles.figure}>
            {t("live.entered")} <b>{format.count(found.entered, "people")}</b>
          </span>
          <span className={styles.figure}>
            {t("live.ended")} <b>{format.count(found.ended, "people")}</b>
            {ends.length > 0 && (
              <span className="muted">
                {ends.map((end) => `${end.label} ${format.number(end.people)}`).join(t("comma"))}
              </span>
            )}
          </span>
          {overdue > 0 ? (
            <StatusBadge tone="alarm" plain>
              {t("health.overdue", { count: overdue })}
            </StatusBadge>
          ) : (
            <StatusBadge tone="good" plain>
              {t("health.good")}
            </StatusBadge>
          )}
          {found.bottleneck && found.sentence && (
            <span className={styles.bottleneck}>
              <IconFlame size={15} aria-hidden />
              <Anchor
                component="button"
                type="button"
                inherit
                onClick={() => found.bottleneck && onSelect(found.bottleneck)}
              >
                {found.sentence}
              </Anchor>
            </span>
          )}
        </>
      )}
    </div>
  );
}
