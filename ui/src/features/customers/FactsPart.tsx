import { Anchor, Tooltip } from "@mantine/core";
import { IconLock } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { type Fact, Facts } from "@/design/Facts";
import { Section } from "@/design/Page";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import type { Person } from "./types";
import { useValue } from "./useValue";

const FIRST = 10;

/** What is known about the person, with the age of the knowledge. */
export function FactsPart({ person }: { person: Person }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const write = useValue();
  const [all, setAll] = useState(false);
  const known = person.fields.filter((field) => write(field, field.value) !== null);
  const facts: Fact[] = known.map((field) => ({
    label: format.label(field.label),
    value: field.masked ? (
      <Tooltip label={t("masked")}>
        <span className={styles.masked}>
          <IconLock size={12} aria-hidden="true" /> {write(field, field.value)}
        </span>
      </Tooltip>
    ) : (
      write(field, field.value)
    ),
  }));
  return (
    <Section title={t("facts")} aside={<DataAge person={person} dataset={person.dataset} />}>
      <Facts facts={all ? facts : facts.slice(0, FIRST)} />
      {facts.length > FIRST && (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll(!all)}>
          {all ? t("fewer") : t("more", { count: facts.length - FIRST })}
        </Anchor>
      )}
    </Section>
  );
}

/** How old the data of a dataset is. */
export function DataAge({ person, dataset }: { person: Person; dataset: string }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const state = person.data.find((one) => one.dataset === dataset);
  if (!state?.loaded_at) return null;
  return (
    <span className={styles.age} data-old={state.fresh === false || undefined}>
      {t("age", { age: format.relative(state.loaded_at) })}
    </span>
  );
}

/** Everything that this page leans on, with its age. */
export function DataAges({ person }: { person: Person }) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const known = person.data.filter((one) => one.loaded_at);
  const old = known.filter((one) => one.fresh === false);
  if (known.length === 0) return null;
  return (
    <Section title={t("ages.title")}>
      <p className={styles.quiet}>
        {old.length > 0
          ? t("ages.old", { names: old.map((one) => format.label(one.label)).join(t("comma")) })
          : t("ages.fresh")}
      </p>
      {open && (
        <Facts
          facts={known.map((one) => ({
            label: format.label(one.label),
            value: (
              <span className={styles.age} data-old={one.fresh === false || undefined}>
                {format.dateTime(one.loaded_at)}
              </span>
            ),
          }))}
        />
      )}
      <Anchor component="button" type="button" size="sm" onClick={() => setOpen(!open)}>
        {open ? t("fewer") : t("ages.all", { count: known.length })}
      </Anchor>
    </Section>
  );
}
