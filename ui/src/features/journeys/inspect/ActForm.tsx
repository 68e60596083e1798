/** What reaches somebody: a message, a human's task, a request to another system. */
import { ActionIcon, Button, Select, Switch, Textarea } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { NextSelect } from "../forms/NextSelect";
import { ListPick, SenderPick, StatusPick, TemplatePick } from "../forms/Picks";
import { SpanInput } from "../forms/SpanInput";
import { wordsFor } from "../model/faults";
import {
  type MessageStep,
  type Step,
  TASK_CONTACTS,
  type TaskStep,
  type WebhookStep,
} from "../model/graph";
import type { FormProps } from "./StepForm";

export function ActForm({ id, step, onChange }: FormProps<Step>) {
  if (step.kind === "task") return <TaskForm id={id} step={step} onChange={onChange} />;
  if (step.kind === "message" || step.kind === "webhook") {
    return <SendForm id={id} step={step} onChange={onChange} />;
  }
  return null;
}

function SendForm({ step, onChange }: FormProps<MessageStep | WebhookStep>) {
  const { t } = useTranslation("journeys");
  const { faults, choices } = useEditing();
  const chosen = choices?.templates.find((one) => one.value === step.template);
  return (
    <>
      <TemplatePick
        label={t("form.template")}
        webhook={step.kind === "webhook"}
        value={step.template}
        error={wordsFor(faults, "template")}
        onChange={(template) => onChange({ ...step, template, sender: "" })}
      />
      {step.template !== "" && (
        <TextLink to={`/messages/${step.template}` as string} size="sm">
          {t("form.openTemplate")}
        </TextLink>
      )}
      <SenderPick
        label={t("form.sender")}
        channel={chosen?.channel}
        value={step.sender}
        error={wordsFor(faults, "sender")}
        onChange={(sender) => onChange({ ...step, sender })}
      />
    </>
  );
}

const TIMEOUT = "14d";

function TaskForm({ id, step, onChange }: FormProps<TaskStep>) {
  const { t } = useTranslation("journeys");
  const { faults, readOnly } = useEditing();
  const { outcomes } = step;
  const set = (next: TaskStep["outcomes"]) => onChange({ ...step, outcomes: next });
  return (
    <>
      <Select
        label={t("form.contact")}
        allowDeselect={false}
        value={step.contact}
        data={TASK_CONTACTS.map((one) => ({ value: one, label: t(`contact.${one}`) }))}
        onChange={(contact) =>
          contact && onChange({ ...step, contact: contact as TaskStep["contact"] })
        }
      />
      <ListPick
        label={t("form.taskList")}
        value={step.list}
        error={wordsFor(faults, "list")}
        onChange={(list) => onChange({ ...step, list })}
      />
      <Textarea
        label={t("form.text")}
        autosize
        minRows={2}
        maxRows={8}
        maxLength={2000}
        value={step.text}
        onChange={(event) => onChange({ ...step, text: event.currentTarget.value }, "text")}
      />
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.outcomes")}</h3>
        {outcomes.map((one, at) => (
          <div key={at} className={styles.item}>
            <div className={styles.itemHead}>
              <span>{t("form.outcome", { number: at + 1 })}</span>
              {!readOnly && (
                <ActionIcon
                  aria-label={t("form.removeOutcome", { number: at + 1 })}
                  onClick={() => set(outcomes.filter((_, index) => index !== at))}
                >
                  <IconX size={15} aria-hidden />
                </ActionIcon>
              )}
            </div>
            <StatusPick
              label={t("form.status")}
              list={step.list}
              value={one.status}
              error={wordsFor(faults, `outcomes[${at}].status`)}
              onChange={(status) =>
                set(outcomes.map((old, index) => (index === at ? { ...old, status } : old)))
              }
            />
            <NextSelect from={id} way={`outcome:${at}`} to={one.next} label={t("way.armNext")} />
          </div>
        ))}
        {!readOnly && (
          <div>
            <Button
              variant="light"
              size="compact-sm"
              leftSection={<IconPlus size={14} aria-hidden />}
              disabled={step.list === ""}
              onClick={() => set([...outcomes, { status: [], next: null }])}
            >
              {t("form.addOutcome")}
            </Button>
          </div>
        )}
      </section>
      <Switch
        label={t("form.hasTimeout")}
        checked={step.timeout !== null}
        onChange={(event) =>
          onChange({ ...step, timeout: event.currentTarget.checked ? TIMEOUT : null })
        }
      />
      {step.timeout !== null && (
        <SpanInput
          label={t("form.taskTimeout")}
          value={step.timeout}
          onChange={(timeout) => onChange({ ...step, timeout }, "timeout")}
        />
      )}
    </>
  );
}
