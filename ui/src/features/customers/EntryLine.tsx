import { UnstyledButton } from "@mantine/core";
import {
  IconBan,
  IconChartCircles,
  IconChevronDown,
  IconChevronRight,
  IconFileCheck,
  IconListCheck,
  IconNote,
  IconShieldQuestion,
} from "@tabler/icons-react";
import { type ReactNode, useState } from "react";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { CHANNEL_ICONS } from "./GateStrip";
import type { Channel, Contact, Entry, Shapes } from "./types";
import { useValue } from "./useValue";
import { telling } from "./value";

/** One thing that happened. */
export function EntryLine({ entry, shapes }: { entry: Entry; shapes: Shapes }) {
  if (entry.engagement) return <ContactLine contact={entry.engagement as Contact} />;
  if (entry.kind === "event") return <EventLine entry={entry} shapes={shapes} />;
  return <BookLine entry={entry} />;
}

/** The few words of an event, for a line. */
export function useTelling(): (entry: Entry, shapes: Shapes) => { name: string; words: string[] } {
  const format = useFormat();
  const write = useValue();
  return (entry, shapes) => {
    const shape = shapes[entry.source];
    const name = shape ? format.label(shape.label) : entry.source;
    if (entry.title) return { name, words: [entry.title, ...(entry.text ? [entry.text] : [])] };
    const fields = (shape?.fields ?? []).map((field) => ({
      ...field,
      value: entry.values[field.name],
    }));
    // Where a field names the event, it is told first and not again.
    const named = fields.some((field) => field.value === entry.event);
    const told = telling(fields.filter((field) => field.value !== entry.event));
    const words = told.flatMap((field) => write(field, field.value) ?? []);
    return {
      name,
      words: named && entry.event ? [entry.event, ...words] : words,
    };
  };
}

function EventLine({ entry, shapes }: { entry: Entry; shapes: Shapes }) {
  const format = useFormat();
  const write = useValue();
  const tell = useTelling();
  const [open, setOpen] = useState(false);
  const { name, words } = tell(entry, shapes);
  const Arrow = open ? IconChevronDown : IconChevronRight;
  return (
    <>
      <UnstyledButton
        className={styles.entryHead}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <Time at={entry.at} />
        <span className={styles.entryName}>{name}</span>
        <span className={styles.told}>
          {words.map((word, index) => (
            <span key={index}>{word}</span>
          ))}
        </span>
        <Arrow size={13} className={styles.entryArrow} aria-hidden="true" />
      </UnstyledButton>
      {open && (
        <div className={styles.entryBody}>
          <Facts
            facts={(shapes[entry.source]?.fields ?? []).flatMap((field) => {
              const value = write(field, entry.values[field.name]);
              return value === null ? [] : [{ label: format.label(field.label), value }];
            })}
          />
        </div>
      )}
    </>
  );
}

const ICONS = {
  list: IconListCheck,
  segment: IconChartCircles,
  note: IconNote,
  gate: IconBan,
  consent: IconFileCheck,
  decision: IconShieldQuestion,
} as const;

type Decided = "deny" | "defer" | "needs_approval" | "approved" | "refused";

/** What the book knows: lists, segments, notes, the gate. */
function BookLine({ entry }: { entry: Entry }) {
  const { t } = useTranslation("customers");
  const Icon = ICONS[entry.kind as keyof typeof ICONS] ?? IconNote;
  const way = entry.entered === false ? "out" : "in";
  let title: ReactNode = entry.title;
  if (entry.kind === "list" && entry.ref) {
    title = (
      <TextLink to="/lists/$id" params={{ id: entry.ref }} size="sm">
        {entry.title}
      </TextLink>
    );
  } else if (entry.kind === "segment" && entry.ref) {
    title = (
      <TextLink
        from="/customers/$customerId"
        to="."
        search={(old: object) => ({ ...old, segment: entry.ref ?? undefined })}
        size="sm"
      >
        {entry.title}
      </TextLink>
    );
  }
  const kind = entry.kind as keyof typeof ICONS;
  return (
    <div className={styles.bookLine} data-kind={entry.kind} data-way={way}>
      <Time at={entry.at} />
      <Icon size={15} stroke={1.7} aria-hidden="true" />
      <span className={styles.bookWords}>
        {entry.note ? (
          <>
            <span className={styles.entryName}>{t("kind.note")}</span>{" "}
            <span className={styles.noteWords}>{entry.note.text}</span>
          </>
        ) : (
          <>
            <span className={styles.entryName}>
              {kind === "decision"
                ? t(`decided.${(entry.event ?? "deny") as Decided}`)
                : t(`crossed.${kind}.${way}`)}
            </span>{" "}
            {title}
            {entry.text && <span className={styles.bookText}>{entry.text}</span>}
          </>
        )}
      </span>
      <span className={styles.by}>{entry.note?.by?.name ?? entry.by}</span>
    </div>
  );
}

/** A contact; `dated` where no day stands above it. */
export function ContactLine({ contact, dated }: { contact: Contact; dated?: boolean }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const Icon = CHANNEL_ICONS[contact.channel as Channel] ?? CHANNEL_ICONS.phone;
  return (
    <div className={styles.contact}>
      <div className={styles.contactHead}>
        {dated ? (
          <span className={styles.time}>{format.date(contact.at)}</span>
        ) : (
          <Time at={contact.at} />
        )}
        <Icon size={15} stroke={1.7} aria-hidden="true" />
        <span className={styles.entryName}>
          {contact.kind_label}
          {contact.direction === "inbound" && ` ${t("timeline.inbound")}`}
        </span>
        <span>{contact.outcome_label}</span>
        <span className={styles.by}>{contact.by?.name}</span>
      </div>
      {contact.note && <p className={styles.note}>{contact.note}</p>}
      {contact.next_step && (
        <p className={styles.note}>
          {t("timeline.next", {
            step: contact.next_step,
            at: contact.next_at ? format.dateTime(contact.next_at) : "",
          })}
        </p>
      )}
      {contact.blocked && <p className={styles.blocked}>{contact.blocked}</p>}
    </div>
  );
}

function Time({ at }: { at: string }) {
  const format = useFormat();
  return <span className={styles.time}>{at.length > 10 ? format.time(at) : ""}</span>;
}
