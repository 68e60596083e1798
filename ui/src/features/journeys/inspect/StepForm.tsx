/** One step: its name, what it does, where its ways lead, and why it is done. */
import { Stack, TextInput } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { CardForm } from "../forms/CardForm";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { NextSelect } from "../forms/NextSelect";
import { change as changed } from "../model/edit";
import type { Step, StepKind } from "../model/graph";
import { waysOf } from "../model/ways";
import { useWords } from "../words";
import { ActForm } from "./ActForm";
import { NoteForm } from "./NoteForm";
import { PartingForm } from "./PartingForm";
import { WaitForm } from "./WaitForm";

export interface FormProps<S extends Step> {
  id: string;
  step: S;
  /** `mark`: typing in one field is one step of undo. */
  onChange: (step: Step, mark?: string) => void;
}

const LISTED: ReadonlySet<string> = new Set(["arm", "share", "outcome"]);

export function StepForm({ id, step }: { id: string; step: Step }) {
  const { t } = useTranslation("journeys");
  const { body, change } = useEditing();
  const words = useWords();
  const onChange = (next: Step, mark?: string) =>
    change(changed(body, id, next), mark ? `${id}:${mark}` : undefined);
  const ways = waysOf(step, true).filter((way) => !LISTED.has(way.kind));
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t(`help.${step.kind}`)}</p>
      <TextInput
        label={t("form.name")}
        placeholder={words.object(step)}
        maxLength={80}
        value={step.name}
        onChange={(event) => onChange({ ...step, name: event.currentTarget.value }, "name")}
      />
      <Own id={id} step={step} onChange={onChange} />
      {"card" in step && (
        <CardForm
          step={id}
          card={step.card}
          onChange={(card, mark) => onChange({ ...step, card }, mark)}
        />
      )}
      {ways.length > 0 && (
        <section className={styles.group}>
          <h3 className={styles.groupTitle}>{t("form.next")}</h3>
          {ways.map((way) => (
            <NextSelect
              key={way.id}
              from={id}
              way={way.id}
              to={way.to}
              label={words.way(step, way) || t("way.next")}
              none={["failed", "passed", "unset"].includes(way.kind) ? t("way.asUsual") : undefined}
            />
          ))}
        </section>
      )}
    </Stack>
  );
}

const FORMS: Record<StepKind, "wait" | "parting" | "act" | "note" | null> = {
  wait: "wait",
  wait_until: "wait",
  wait_event: "wait",
  wait_date: "wait",
  branch: "parting",
  split: "parting",
  holdout: "parting",
  message: "act",
  webhook: "act",
  task: "act",
  update: "note",
  score: "note",
  exit: "note",
  join: null,
  goal: null,
};

function Own(props: FormProps<Step>) {
  switch (FORMS[props.step.kind]) {
    case "wait":
      return <WaitForm {...props} />;
    case "parting":
      return <PartingForm {...props} />;
    case "act":
      return <ActForm {...props} />;
    case "note":
      return <NoteForm {...props} />;
    default:
      return null;
  }
}
