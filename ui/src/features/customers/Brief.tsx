/** The minute before a call: on one screen in a panel, and in parts in work mode. */
import { IconAlertTriangle, IconBan, IconCheck } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { RightPanel } from "@/design/RightPanel";
import { Alarm, Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { Guide } from "../lists/Guide";
import styles from "./customer.module.css";
import { briefQuery } from "./data";
import { ContactLine, useTelling } from "./EntryLine";
import type { Brief, Contact, Person } from "./types";
import { useValue } from "./useValue";

interface PanelProps {
  person: Person;
  onClose: () => void;
}

export function BriefPanel({ person, onClose }: PanelProps) {
  const write = useValue();
  const brief = useQuery(briefQuery(person.id));
  const kana = person.fields.find((one) => one.meaning === "person_kana");
  const born = person.fields.find((one) => one.meaning === "birth_date");
  const lead = [kana, born]
    .flatMap((one) => (one ? (write(one, one.value) ?? []) : []))
    .concat(person.key);
  return (
    <RightPanel
      title={person.display ?? person.key}
      lead={lead.join(" · ")}
      onClose={onClose}
      width={560}
    >
      <Ready query={brief} lines={[40, 90, 80, 40, 90, 85, 40, 70]}>
        {(found) => (
          <div className={styles.brief}>
            <Never brief={found} />
            <Say brief={found} />
            <FollowUps brief={found} />
            <Changed brief={found} />
            <Contacts brief={found} />
            <BriefNotes brief={found} />
          </div>
        )}
      </Ready>
    </RightPanel>
  );
}

/** In work mode: what the list itself does not tell. Quiet while it loads: work does not wait. */
export function Lately({ personId, listId }: { personId: string; listId: string }) {
  const { t } = useTranslation("customers");
  const brief = useQuery(briefQuery(personId));
  if (brief.error) {
    return (
      <Part title={t("brief.changed")}>
        <ErrorState error={brief.error} onRetry={() => void brief.refetch()} inline />
      </Part>
    );
  }
  if (!brief.data) return null;
  return (
    <>
      <Changed brief={brief.data} />
      <FollowUps brief={brief.data} but={listId} />
      <BriefNotes brief={brief.data} />
    </>
  );
}

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.part}>
      <h3 className={styles.partTitle}>{title}</h3>
      {children}
    </section>
  );
}

function Never({ brief }: { brief: Brief }) {
  const { t } = useTranslation("customers");
  if (brief.never.length === 0) return null;
  return (
    <Alarm title={t("brief.never")}>
      {brief.never.map((one) => (
        <div key={one.id}>
          {one.sentence}
          {one.reason && <div className={styles.reasonWords}>{one.reason}</div>}
        </div>
      ))}
    </Alarm>
  );
}

function Say({ brief }: { brief: Brief }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  return (
    <Part title={t("brief.say")}>
      {brief.say.length === 0 && <p className={styles.quiet}>{t("brief.sayNothing")}</p>}
      {brief.say.map((one) => (
        <div key={one.member_id} className={styles.say} data-allowed={one.decision.allowed}>
          <div className={styles.sayHead}>
            {one.decision.allowed ? (
              <IconCheck size={15} aria-label={t("gate.allow")} />
            ) : (
              <IconBan size={15} aria-label={t("gate.deny")} />
            )}
            <span className={styles.entryName}>{one.product ?? one.list_name}</span>
            <TextLink
              to="/lists/$id"
              params={{ id: one.list_id }}
              search={{ member: one.member_id }}
              size="sm"
            >
              {one.list_name}
            </TextLink>
            <span className={styles.by}>
              {one.mine ? t("brief.mine") : (one.assignee ?? t("lists.nobody"))}
              {one.due && ` ${t("brief.due", { at: format.day(one.due) })}`}
            </span>
          </div>
          {one.decision.allowed
            ? one.guide && (
                <div
                  className={styles.guide}
                  tabIndex={0}
                  role="group"
                  aria-label={t("brief.guide")}
                >
                  <Guide text={one.guide} />
                </div>
              )
            : one.decision.sentence && (
                <p className={styles.blockedWords}>{one.decision.sentence}</p>
              )}
        </div>
      ))}
    </Part>
  );
}

function FollowUps({ brief, but }: { brief: Brief; but?: string }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const found = brief.follow_ups.filter((one) => one.list_id !== but);
  if (found.length === 0) return null;
  return (
    <Part title={t("brief.followUps")}>
      <ul className={styles.rows}>
        {found.map((one) => (
          <li key={one.member_id} className={styles.followUp} data-late={one.late || undefined}>
            {one.late && <IconAlertTriangle size={14} aria-label={t("brief.late")} />}
            <span className={styles.rowName}>{one.step || one.list_name}</span>
            <span className={styles.rowNote}>
              {[one.at ? format.dateTime(one.at) : null, one.by].filter(Boolean).join(" ")}
            </span>
          </li>
        ))}
      </ul>
    </Part>
  );
}

function Changed({ brief }: { brief: Brief }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const tell = useTelling();
  return (
    <Part title={t("brief.changed")}>
      {brief.changed.length === 0 && (
        <p className={styles.quiet}>{t("brief.unchanged", { at: format.date(brief.since) })}</p>
      )}
      <ul className={styles.changes}>
        {brief.changed.map((one) => {
          const entry = one.entry;
          const event = entry.kind === "event";
          const told = event ? tell(entry, brief.datasets) : null;
          const way = entry.entered === false ? "out" : "in";
          const kind = entry.kind as "segment" | "gate" | "consent";
          return (
            <li key={entry.place} className={styles.change}>
              <span className={styles.changeDay}>{format.day(entry.at)}</span>
              <span className={styles.changeWords}>
                <span className={styles.entryName}>
                  {told ? told.name : t(`crossed.${kind}.${way}`)}
                </span>{" "}
                {one.count > 1 ? (
                  <span className="muted">
                    {t("brief.times", { count: one.count, at: format.date(entry.at) })}
                  </span>
                ) : (
                  <span className="muted">
                    {told
                      ? told.words.join(" · ")
                      : [entry.title, entry.text].filter(Boolean).join(" · ")}
                  </span>
                )}
              </span>
            </li>
          );
        })}
      </ul>
    </Part>
  );
}

function Contacts({ brief }: { brief: Brief }) {
  const { t } = useTranslation("customers");
  return (
    <Part title={t("brief.contacts")}>
      {brief.contacts.length === 0 && <p className={styles.quiet}>{t("brief.noContacts")}</p>}
      {brief.contacts.map((one) => (
        <div key={one.id} className={styles.briefContact}>
          <ContactLine contact={one as Contact} dated />
        </div>
      ))}
    </Part>
  );
}

function BriefNotes({ brief }: { brief: Brief }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  if (brief.notes.length === 0) return null;
  return (
    <Part title={t("notes.title")}>
      {brief.notes.map((one) => (
        <Remark key={one.id}>
          {one.text}
          <div className={styles.quiet}>
            {one.by?.name} {format.date(one.at)}
          </div>
        </Remark>
      ))}
    </Part>
  );
}
