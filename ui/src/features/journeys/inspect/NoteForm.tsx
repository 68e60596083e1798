/** What is noted about a person, and how a walk ends. */
import { ActionIcon, Button, NumberInput, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { wordsFor } from "../model/faults";
import type { Step, UpdateStep } from "../model/graph";
import type { FormProps } from "./StepForm";

export function NoteForm({ id, step, onChange }: FormProps<Step>) {
  const { t } = useTranslation("journeys");
  const { faults } = useEditing();
  switch (step.kind) {
    case "update":
      return <UpdateForm id={id} step={step} onChange={onChange} />;
    case "score":
      return (
        <div className={styles.row}>
          <TextInput
            className={styles.grow}
            label={t("form.score")}
            description={t("form.scoreHelp")}
            maxLength={63}
            value={step.score}
            error={wordsFor(faults, "score")}
            onChange={(event) => onChange({ ...step, score: event.currentTarget.value }, "score")}
          />
          <NumberInput
            w={110}
            label={t("form.points")}
            allowDecimal={false}
            value={step.points}
            onChange={(points) => onChange({ ...step, points: Number(points) || 0 }, "points")}
          />
        </div>
      );
    case "exit":
      return (
        <>
          {(["ja", "en"] as const).map((language) => (
            <TextInput
              key={language}
              label={t(`form.reason_${language}`)}
              maxLength={200}
              value={step.reason[language]}
              onChange={(event) =>
                onChange(
                  { ...step, reason: { ...step.reason, [language]: event.currentTarget.value } },
                  `reason.${language}`,
                )
              }
            />
          ))}
        </>
      );
    default:
      return null;
  }
}

function UpdateForm({ step, onChange }: FormProps<UpdateStep>) {
  const { t } = useTranslation("journeys");
  const { faults, readOnly } = useEditing();
  const pairs = Object.entries(step.values);
  const set = (next: readonly (readonly [string, string | number | boolean])[], mark?: string) =>
    onChange({ ...step, values: Object.fromEntries(next) }, mark);
  return (
    <>
      <TextInput
        label={t("form.updateEvent")}
        description={t("form.updateHelp")}
        maxLength={100}
        value={step.event}
        error={wordsFor(faults, "event")}
        onChange={(event) => onChange({ ...step, event: event.currentTarget.value }, "event")}
      />
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.values")}</h3>
        {pairs.map(([name, value], at) => (
          <div key={at} className={styles.row}>
            <TextInput
              className={styles.grow}
              size="xs"
              aria-label={t("form.valueName", { number: at + 1 })}
              value={name}
              onChange={(event) => {
                const { value: next } = event.currentTarget;
                // Two values of one name would become one while the name is being typed.
                if (!(next in step.values)) {
                  set(
                    pairs.map((pair, index) => (index === at ? ([next, value] as const) : pair)),
                    `name${at}`,
                  );
                }
              }}
            />
            <TextInput
              className={styles.grow}
              size="xs"
              aria-label={t("form.valueOf", { name })}
              value={String(value)}
              onChange={(event) => {
                const next = readValue(event.currentTarget.value);
                set(
                  pairs.map((pair, index) => (index === at ? ([name, next] as const) : pair)),
                  `value${at}`,
                );
              }}
            />
            {!readOnly && (
              <ActionIcon
                aria-label={t("form.removeValue", { name })}
                onClick={() => set(pairs.filter((_, index) => index !== at))}
              >
                <IconX size={15} aria-hidden />
              </ActionIcon>
            )}
          </div>
        ))}
        {!readOnly && (
          <div>
            <Button
              variant="light"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              disabled={`value_${pairs.length + 1}` in step.values}
              onClick={() => set([...pairs, [`value_${pairs.length + 1}`, ""]])}
            >
              {t("form.addValue")}
            </Button>
          </div>
        )}
      </section>
    </>
  );
}

/** `12` is a number, `true` a yes; everything else is text. */
function readValue(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return /^-?(0|[1-9]\d*)(\.\d+)?$/.test(text) && !text.endsWith(".") ? Number(text) : text;
}
