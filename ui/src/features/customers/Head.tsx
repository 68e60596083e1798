import { Fragment, type ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { nameOf } from "./Holdings";
import type { Person, Related } from "./types";
import { useValue } from "./useValue";

const FAMILY = 4; // named; the others are a number

/** Who she is and whom she belongs to: kana, number, age, branch, owner, household, company. */
export function Identity({ person }: { person: Person }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const write = useValue();
  const own = ["person_kana", "birth_date"].flatMap((meaning) => {
    const field = person.fields.find((one) => one.meaning === meaning);
    const text = field ? write(field, field.value) : null;
    return text && text !== person.display ? [text] : [];
  });
  const ties = person.related.filter(
    (one) => one.total > 0 && (TIES.has(one.part ?? "") || one.part === "family"),
  );
  return (
    <span className={styles.identity}>
      {[...own, t("number", { key: person.key })].map((part) => (
        <span key={part}>{part}</span>
      ))}
      {ties.map((one) => (
        <span key={one.relation}>
          <span className={styles.tie}>{format.label(one.label)}</span>{" "}
          {one.part === "family" ? <Family related={one} /> : <One related={one} />}
        </span>
      ))}
    </span>
  );
}

const TIES = new Set(["branch", "owner", "company", "parent"]);

/** The one row at the end of a relation, as a link where it is a customer of ours. */
function One({ related }: { related: Related }) {
  const write = useValue();
  const row = related.rows[0];
  const name = text(row?._display) ?? nameOf(related, write);
  const id = text(row?._id);
  if (!name) return null;
  return id ? (
    <TextLink to="/customers/$customerId" params={{ customerId: id }}>
      {name}
    </TextLink>
  ) : (
    name
  );
}

function Family({ related }: { related: Related }) {
  const { t } = useTranslation("customers");
  const named = related.rows.slice(0, FAMILY);
  const rest = related.total - named.length;
  return (
    <>
      {named.map((row, index) => (
        <Fragment key={text(row._id) ?? index}>
          {index > 0 && t("comma")}
          <TextLink to="/customers/$customerId" params={{ customerId: text(row._id) ?? "" }}>
            {text(row._display) ?? t("one")}
          </TextLink>
        </Fragment>
      ))}
      {rest > 0 && ` ${t("more", { count: rest })}`}
    </>
  );
}

/** What she holds with us, as the catalog adds it up. */
export function Worth({ person }: { person: Person }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  if (person.worth.length === 0) return null;
  return (
    <dl className={styles.worth}>
      {person.worth.map((one) => {
        const value: ReactNode = one.masked ? t("masked") : format.money(one.value);
        return (
          <div key={one.label.en}>
            <dt>{format.label(one.label)}</dt>
            <dd data-masked={one.masked || undefined}>{value}</dd>
          </div>
        );
      })}
    </dl>
  );
}

function text(value: unknown): string | null {
  return typeof value === "string" && value !== "" ? value : null;
}
