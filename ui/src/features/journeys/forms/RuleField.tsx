/** A rule inside the inspector, built with the same cards as segments are. */
import { Input } from "@mantine/core";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import {
  type Catalog,
  datasetOfEvent,
  type JsonObject,
  RuleBuilder,
  type Scope,
  subjectDataset,
} from "@/features/rules";
import { ruleFaults } from "../model/faults";
import { useEditing } from "./editing";
import styles from "./forms.module.css";

interface Props {
  label: string;
  /** Where its faults are told. */
  field: string;
  value: JsonObject | null;
  onChange: (rule: JsonObject) => void;
  /** Over the fields of these rows, not over the person's own. */
  of?: Rows;
}

/** Rows that belong to a person: events of some names, or those of a relation. */
export type Rows = { events: readonly string[] } | { related: string };

const SUBJECT = "person";

export function RuleField({ label, field, value, onChange, of }: Props) {
  const { t } = useTranslation("journeys");
  const { catalog, readOnly, faults, body } = useEditing();
  const ofRule = useMemo(() => ruleFaults(faults, field), [faults, field]);
  const first = useRef(true);
  const event = of && "events" in of ? of.events[0] : undefined;
  const related = of && "related" in of ? of.related : undefined;
  const within = useMemo<Scope | undefined>(() => {
    if (!catalog) return undefined;
    if (event !== undefined) {
      const dataset = datasetOfEvent(catalog, SUBJECT, event)?.name;
      return dataset ? { dataset, subject: SUBJECT, top: false, ofEvent: true } : undefined;
    }
    const dataset = related ? datasetOfRelation(catalog, related) : undefined;
    return dataset ? { dataset, subject: SUBJECT, top: false, ofEvent: false } : undefined;
  }, [catalog, event, related]);
  if (!catalog) return null;
  if (of && !within) {
    const ofEvents = "events" in of;
    return <p className={styles.hint}>{t(ofEvents ? "form.eventFirst" : "form.rowsGone")}</p>;
  }
  return (
    <Input.Wrapper label={label} labelElement="div">
      <div className={styles.rule}>
        <RuleBuilder
          key={within?.dataset ?? SUBJECT}
          value={value}
          catalog={catalog}
          subject={SUBJECT}
          within={within}
          purpose={body.purpose || null}
          faults={ofRule}
          readOnly={readOnly}
          onChange={(rule) => {
            // The builder says the rule once as it opens; nobody has changed anything then.
            if (first.current) {
              first.current = false;
              return;
            }
            if (JSON.stringify(rule) !== JSON.stringify(value)) onChange(rule);
          }}
        />
      </div>
    </Input.Wrapper>
  );
}

/** Where the rows lie that a relation of the person leads to, or relations one after another. */
function datasetOfRelation(catalog: Catalog, path: string): string | undefined {
  let here = subjectDataset(catalog, SUBJECT);
  for (const name of path.split(".")) {
    const relation = here?.relations.find((one) => one.name === name);
    here = relation ? (catalog.datasets.get(relation.target) ?? null) : null;
  }
  return here?.name;
}
