/** A rule inside the inspector, built with the same cards as segments are. */
import { Input } from "@mantine/core";
import { useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import { datasetOfEvent, type JsonObject, RuleBuilder, type Scope } from "@/features/rules";
import { ruleFaults } from "../model/faults";
import { useEditing } from "./editing";
import styles from "./forms.module.css";

interface Props {
  label: string;
  /** Where its faults are told. */
  field: string;
  value: JsonObject | null;
  onChange: (rule: JsonObject) => void;
  /** Over the own fields of these events, not over the person's. */
  events?: readonly string[];
}

const SUBJECT = "person";

export function RuleField({ label, field, value, onChange, events }: Props) {
  const { t } = useTranslation("journeys");
  const { catalog, readOnly, faults, body } = useEditing();
  const ofRule = useMemo(() => ruleFaults(faults, field), [faults, field]);
  const first = useRef(true);
  const name = events?.[0];
  const within = useMemo<Scope | undefined>(() => {
    if (!catalog || name === undefined) return undefined;
    const dataset = datasetOfEvent(catalog, SUBJECT, name);
    return dataset
      ? { dataset: dataset.name, subject: SUBJECT, top: false, ofEvent: true }
      : undefined;
  }, [catalog, name]);
  if (!catalog) return null;
  if (events && !within) return <p className={styles.hint}>{t("form.eventFirst")}</p>;
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
