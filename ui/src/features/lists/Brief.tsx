/** What a representative should know of a member. Shared by the board's panel and work mode. */
import { IconCheck, IconMinus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { MEANING_TONES } from "./badges";
import { GateNotice } from "./GateNotice";
import { Guide } from "./Guide";
import classes from "./lists.module.css";
import type { Engagement, Kind, MemberDetail } from "./types";
import { CellValue } from "./Value";

interface Props {
  member: MemberDetail;
  kinds: readonly Kind[];
  /** Work mode shows the guide; the board's panel does not. */
  guide?: boolean;
  /** What else is known, before the contacts. */
  children?: ReactNode;
}

export function Brief({ member, kinds, guide = false, children }: Props) {
  const { t } = useTranslation("lists");
  return (
    <>
      <div className={classes.notices}>
        <GateNotice member={member} kinds={kinds} />
        {member.warning && <Remark tone="warn">{member.warning}</Remark>}
        {!member.present && <Remark>{t("member.left")}</Remark>}
      </div>
      <Block title={t("member.facts")}>
        <div className={classes.factsBox}>
          <dl className={classes.facts} data-many={member.columns.length > 6 || undefined}>
            {member.columns.map((column) => (
              <Fact key={column.name} label={column.label}>
                <CellValue column={column} value={member.values[column.name]} />
              </Fact>
            ))}
          </dl>
        </div>
      </Block>
      <Why member={member} />
      {guide && member.talk_guide && (
        <Block title={t("member.say")}>
          <Guide text={member.talk_guide} />
        </Block>
      )}
      {children}
      <Contacts contacts={member.contacts} />
      <Others member={member} />
    </>
  );
}

export function Block({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.block}>
      <h3 className={classes.blockTitle}>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={classes.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** A number with its separators; any other text as it is. */
function numbers(found: string, say: (value: string, digits: number) => string): string {
  return /^-?\d+(\.\d+)?$/.test(found) ? say(found, 2) : found;
}

function Why({ member }: { member: MemberDetail }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  return (
    <Block title={t("member.why")}>
      {member.why.length === 0 && <p>{member.why_sentence}</p>}
      <ul className={classes.plainList}>
        {member.why.map((one) => (
          <li key={one.sentence} className={classes.whyItem} data-false={!one.truth || undefined}>
            {one.truth ? (
              <IconCheck size={14} aria-label={t("member.true")} />
            ) : (
              <IconMinus size={14} aria-label={t("member.false")} />
            )}
            <span>
              {one.sentence}
              {one.found && (
                <span className="muted">
                  {" "}
                  {t("member.found", { value: numbers(one.found, format.number) })}
                </span>
              )}
            </span>
          </li>
        ))}
      </ul>
      {member.reasons.length > 0 && (
        <p className="muted">
          {t("member.priority", { reasons: member.reasons.join(t("comma")) })}
        </p>
      )}
    </Block>
  );
}

function Others({ member }: { member: MemberDetail }) {
  const { t } = useTranslation("lists");
  if (member.lists.length === 0) return null;
  return (
    <Block title={t("member.others")}>
      <ul className={classes.plainList}>
        {member.lists.map((one) => (
          <li key={`${one.list_id}:${one.member_id}`}>
            <div className={classes.contactHead}>
              <TextLink
                to="/lists/$id"
                params={{ id: one.list_id }}
                search={{ member: one.member_id }}
              >
                {one.list_name}
              </TextLink>
              <StatusBadge plain tone={MEANING_TONES[one.meaning]}>
                {one.status}
              </StatusBadge>
            </div>
            <div className="muted">
              {one.last_contact ?? one.assignee?.name ?? t("board.unassigned")}
            </div>
          </li>
        ))}
      </ul>
    </Block>
  );
}

function Contacts({ contacts }: { contacts: readonly Engagement[] }) {
  const { t } = useTranslation("lists");
  return (
    <Block title={t("member.contacts")}>
      {contacts.length === 0 && <p className="muted">{t("member.noContacts")}</p>}
      <ul className={classes.plainList}>
        {contacts.map((one) => (
          <ContactLine key={one.id} contact={one} />
        ))}
      </ul>
    </Block>
  );
}

export function ContactLine({ contact }: { contact: Engagement }) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  return (
    <li className={contact.undone_at ? classes.undone : undefined}>
      <div className={classes.contactHead}>
        <span>
          {contact.kind_label} · {contact.outcome_label}
        </span>
        <span className="muted">
          {format.dateTime(contact.at)} {contact.by?.name ?? ""}
        </span>
      </div>
      {contact.note && <p className={classes.note}>{contact.note}</p>}
      {contact.next_step && (
        <p className={classes.note}>
          {t("member.next", {
            step: contact.next_step,
            at: contact.next_at ? format.dateTime(contact.next_at) : "",
          })}
        </p>
      )}
      {contact.blocked && <p className={classes.note}>{contact.blocked}</p>}
    </li>
  );
}
