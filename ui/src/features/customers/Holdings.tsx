import { UnstyledButton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { Section } from "@/design/Page";
import { RightPanel } from "@/design/RightPanel";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { DataAge } from "./FactsPart";
import type { Person, Related, ShownField } from "./types";
import { useValue } from "./useValue";

const ELSEWHERE = new Set(["branch", "owner", "company", "parent", "family", "people", "children"]);

interface HoldingsProps {
  person: Person;
  onOpen: (relation: string) => void;
}

/** What belongs to the person: accounts, cards, contracts, household… */
export function Holdings({ person, onOpen }: HoldingsProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const write = useValue();
  // Who stands in the header or beside the page already is left out here.
  const some = person.related.filter((one) => one.total > 0 && !ELSEWHERE.has(one.part ?? ""));
  if (some.length === 0) return null;
  return (
    <Section title={t("holdings")}>
      <ul className={styles.holdings}>
        {some.map((one) => (
          <li key={one.relation}>
            <UnstyledButton className={styles.holding} onClick={() => onOpen(one.relation)}>
              <span className={styles.holdingName}>{format.label(one.label)}</span>
              <span className="tabular">
                {(one.many ? null : nameOf(one, write)) ?? format.count(one.total, "items")}
              </span>
            </UnstyledButton>
          </li>
        ))}
      </ul>
    </Section>
  );
}

type Write = ReturnType<typeof useValue>;

/** What names the one row a to-one relation leads to; null when nothing does. */
export function nameOf(related: Related, write: Write): string | null {
  const row = related.rows[0];
  const has = (field: ShownField) => Boolean(row?.[field.name]);
  const field =
    related.fields.find((one) => /_name$/.test(one.meaning ?? "") && has(one)) ??
    related.fields.find((one) => /(^|_)name$/.test(one.name) && has(one)) ??
    related.fields.find((one) => one.meaning === "category" && has(one));
  return field && row ? write(field, row[field.name]) : null;
}

interface RowsPanelProps {
  person: Person;
  related: Related;
  onClose: () => void;
}

/** The rows of one relation, each as a card of its fields. */
export function RowsPanel({ person, related, onClose }: RowsPanelProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  return (
    <RightPanel
      title={format.label(related.label)}
      lead={
        <>
          {format.count(related.total, "items")}{" "}
          <DataAge person={person} dataset={related.dataset} />
        </>
      }
      onClose={onClose}
    >
      {related.rows.map((row, index) => (
        <RowCard key={index} fields={related.fields} row={row} />
      ))}
      {related.total > related.rows.length && (
        <p className="muted">{t("rowsShown", { shown: format.number(related.rows.length) })}</p>
      )}
    </RightPanel>
  );
}

function RowCard({ fields, row }: { fields: ShownField[]; row: Record<string, unknown> }) {
  const format = useFormat();
  const write = useValue();
  return (
    <div className={styles.rowCard}>
      <Facts
        facts={fields.flatMap((field) => {
          const value = write(field, row[field.name]);
          return value === null ? [] : [{ label: format.label(field.label), value }];
        })}
      />
    </div>
  );
}
