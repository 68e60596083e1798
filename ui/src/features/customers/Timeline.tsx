import { Chip, Group } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { Facts } from "@/design/Facts";
import { Section } from "@/design/Page";
import { Empty, Partial } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { contactsQuery } from "./data";
import { CHANNEL_ICONS } from "./GateStrip";
import { byDay, merge } from "./timeline";
import type { Contact, Person, TimelineEvent } from "./types";
import { useValue } from "./useValue";
import { telling } from "./value";

interface TimelineProps {
  person: Person;
  show?: string;
  onShow: (show: string | undefined) => void;
}

/** Everything that happened, newest first: what the data says and whom we talked to. */
export function Timeline({ person, show, onShow }: TimelineProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const may = useMay();
  const contacts = useQuery({ ...contactsQuery(person.id), enabled: may("lists.read") });
  const kinds = new Map(person.timeline.map((one) => [one.dataset, format.label(one.label)]));
  const entries = merge(person.timeline, contacts.data ?? [], show);
  return (
    <Section title={t("timeline.title")}>
      <Chip.Group value={show ?? ""} onChange={(value) => onShow(String(value) || undefined)}>
        <Group gap={6} mb="sm">
          <Chip value="" size="xs" variant="outline">
            {t("timeline.all")}
          </Chip>
          {(contacts.data?.length ?? 0) > 0 && (
            <Chip value="contacts" size="xs" variant="outline">
              {t("timeline.contacts")}
            </Chip>
          )}
          {[...kinds].map(([dataset, label]) => (
            <Chip key={dataset} value={dataset} size="xs" variant="outline">
              {label}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
      {contacts.error && (
        <Partial onRetry={() => void contacts.refetch()}>{t("timeline.contactsMissing")}</Partial>
      )}
      {entries.length === 0 && !contacts.isLoading && (
        <Empty title={t("timeline.none")}>{t("timeline.noneText")}</Empty>
      )}
      {byDay(entries, format.timeZone).map(([day, found]) => (
        <section key={day} className={styles.day}>
          <h3 className={styles.dayName}>{format.date(day)}</h3>
          <ol className={styles.entries}>
            {found.map((entry) => (
              <li
                key={entry.id}
                className={styles.entry}
                data-contact={entry.contact ? true : undefined}
              >
                {entry.contact ? (
                  <ContactEntry contact={entry.contact} />
                ) : (
                  entry.event && <EventEntry event={entry.event} />
                )}
              </li>
            ))}
          </ol>
        </section>
      ))}
    </Section>
  );
}

function EventEntry({ event }: { event: TimelineEvent }) {
  const format = useFormat();
  const write = useValue();
  const [open, setOpen] = useState(false);
  const told = telling(event.fields.filter((field) => field.value !== event.event));
  const name = format.label(event.label);
  return (
    <>
      <button
        type="button"
        className={styles.entryHead}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={styles.time}>{timeOf(event.ts, format)}</span>
        <span className={styles.entryName}>{name}</span>
        <span className={styles.told}>
          {told.map((field) => (
            <span key={field.name}>{write(field, field.value)}</span>
          ))}
        </span>
      </button>
      {open && (
        <div className={styles.entryBody}>
          <Facts
            facts={event.fields.flatMap((field) => {
              const value = write(field, field.value);
              return value === null ? [] : [{ label: format.label(field.label), value }];
            })}
          />
        </div>
      )}
    </>
  );
}

function timeOf(ts: string | null, format: ReturnType<typeof useFormat>): string {
  return ts && ts.length > 10 ? format.time(ts) : "";
}

function ContactEntry({ contact }: { contact: Contact }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const Icon = CHANNEL_ICONS[contact.channel] ?? CHANNEL_ICONS.phone;
  return (
    <div className={styles.contact}>
      <div className={styles.contactHead}>
        <span className={styles.time}>{format.time(contact.at)}</span>
        <Icon size={15} stroke={1.7} aria-hidden="true" />
        <span className={styles.entryName}>
          {contact.kind_label}
          {contact.direction === "inbound" && ` ${t("timeline.inbound")}`}
        </span>
        <span>{contact.outcome_label}</span>
        <span className="muted">{contact.by?.name}</span>
      </div>
      {contact.note && <p className={styles.note}>{contact.note}</p>}
      {contact.next_step && (
        <p className={styles.note}>
          {t("timeline.next", { step: contact.next_step, at: format.dateTime(contact.next_at) })}
        </p>
      )}
      {contact.blocked && <p className={styles.blocked}>{contact.blocked}</p>}
    </div>
  );
}
