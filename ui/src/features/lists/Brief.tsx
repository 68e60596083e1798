/** What a representative should know of a member. Shared by the board's panel and work mode. */
import { IconCheck, IconMinus } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Alarm, Remark, StatusBadge } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { MEANING_TONES } from "./badges";
import { Guide } from "./Guide";
import classes from "./lists.module.css";
import type { Engagement, Kind, MemberDetail } from "./types";
import { CellValue } from "./Value";

interface Props {
  member: MemberDetail;
  kinds: readonly Kind[];
  /** Work mode shows the guide; the board's panel does not. */
  guide?: boolean;
}

export function Brief({ member, kinds, guide = false }: Props) {
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

/** Blocked on every way: an alarm. On some: a remark that names them. */
export function GateNotice({ member, kinds }: Pick<Props, "member" | "kinds">) {
  const { t } = useTranslation("lists");
  const format = useFormat();
  const decisions = kinds.flatMap((kind) => {
    const decision = member.gate[kind.code];
    return decision ? [{ kind, decision }] : [];
  });
  const stopped = decisions.filter(({ decision }) => !decision.allowed);
  if (stopped.length === 0) return null;
  const reasons = [
    ...new Set(
      stopped.flatMap(({ decision }) => decision.reasons.map((reason) => reason.sentence)),
    ),
  ];
  const until = stopped.map(({ decision }) => decision.until).find((one) => one !== null);
  const words = (
    <>
      {reasons.map((reason) => (
        <div key={reason}>{reason}</div>
      ))}
      {until && <div>{t("gate.until", { at: format.dateTime(until) })}</div>}
    </>
  );
  if (stopped.length === decisions.length) return <Alarm title={t("gate.blocked")}>{words}</Alarm>;
  const names = stopped.map(({ kind }) => kind.label).join(t("comma"));
  return (
    <Remark tone="warn">
      {t("gate.some", { kinds: names })}
      {words}
    </Remark>
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
