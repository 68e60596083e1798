import type { ReactNode } from "react";
import styles from "./Facts.module.css";

export interface Fact {
  label: ReactNode;
  value: ReactNode;
  /** A quieter word after the value: its age, its source. */
  note?: ReactNode;
}

/** Labels and values, one a line. */
export function Facts({ facts }: { facts: readonly Fact[] }) {
  return (
    <dl className={styles.facts}>
      {facts.map((fact, index) => (
        <div key={typeof fact.label === "string" ? fact.label : index} className={styles.fact}>
          <dt>{fact.label}</dt>
          <dd>
            {fact.value}
            {fact.note && <span className={styles.note}>{fact.note}</span>}
          </dd>
        </div>
      ))}
    </dl>
  );
}
