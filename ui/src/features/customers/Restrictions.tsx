import { Anchor, Button } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Alarm, StatusBadge } from "@/design/StatusBadge";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import type { Restriction } from "./types";

/** Whether a restriction stops every offer, whatever the product. */
function stopsAll(one: Restriction): boolean {
  return one.active && (one.type !== "refusal" || (one.product === null && one.channel === null));
}

interface HoldsProps {
  restrictions: readonly Restriction[];
  onRelease?: (id: string) => void;
}

/** What stops every contact, at the top of the page in vermilion. */
export function Holds({ restrictions, onRelease }: HoldsProps) {
  const { t } = useTranslation("customers");
  const active = restrictions.filter(stopsAll);
  return active.map((one) => (
    <Alarm
      key={one.id}
      title={one.label}
      action={
        onRelease && (
          <Button variant="subtle" color="gray" size="compact-sm" onClick={() => onRelease(one.id)}>
            {t("release.open")}
          </Button>
        )
      }
    >
      {one.sentence}
      {one.reason && <div>{one.reason}</div>}
    </Alarm>
  ));
}

interface RestrictionsProps {
  query: {
    data: Restriction[] | undefined;
    error: unknown;
    isPending: boolean;
    refetch: () => unknown;
  };
  onRelease?: (id: string) => void;
}

/** Every restriction, the released and expired ones on demand. */
export function Restrictions({ query, onRelease }: RestrictionsProps) {
  const { t } = useTranslation("customers");
  const [past, setPast] = useState(false);
  return (
    <Section title={t("restrictions.title")}>
      <Ready query={query} lines={[70]}>
        {(found) => {
          // What stops everything stands in vermilion at the top of the page already.
          const active = found.filter((one) => one.active && !stopsAll(one));
          const ended = found.filter((one) => !one.active);
          return (
            <>
              {active.length === 0 && (
                <p className={styles.quiet}>
                  {found.some(stopsAll) ? t("restrictions.noOther") : t("restrictions.none")}
                </p>
              )}
              <List items={active} onRelease={onRelease} />
              {past && <List items={ended} />}
              {ended.length > 0 && (
                <Anchor component="button" type="button" size="sm" onClick={() => setPast(!past)}>
                  {past ? t("fewer") : t("restrictions.past", { count: ended.length })}
                </Anchor>
              )}
            </>
          );
        }}
      </Ready>
    </Section>
  );
}

function List({ items, onRelease }: { items: Restriction[]; onRelease?: (id: string) => void }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  return (
    <ul className={styles.lists}>
      {items.map((one) => (
        <li key={one.id}>
          <div className={styles.listHead}>
            <StatusBadge tone={one.active ? "alarm" : "neutral"} plain>
              {one.label}
            </StatusBadge>
            {onRelease && (
              <Button
                variant="subtle"
                color="gray"
                size="compact-xs"
                onClick={() => onRelease(one.id)}
              >
                {t("release.open")}
              </Button>
            )}
          </div>
          <div className={styles.quiet}>{one.sentence}</div>
          {one.reason && <div className={styles.quiet}>{one.reason}</div>}
          {one.released_at && (
            <div className={styles.quiet}>
              {t("restrictions.released", {
                at: format.date(one.released_at),
                name: one.released_by?.name ?? "",
                reason: one.release_reason ?? "",
              })}
            </div>
          )}
        </li>
      ))}
    </ul>
  );
}
