/** Waits: for a time, for a window of the day, for something to happen, for a date. */
import { Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { TimeOfDay } from "@/features/policies/forms/TimeOfDay";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { DatePick, WeekdaysPick } from "../forms/Picks";
import { SignalForm } from "../forms/SignalForm";
import { OffsetInput, SpanInput } from "../forms/SpanInput";
import { wordsFor } from "../model/faults";
import type { Step, WaitSignal } from "../model/graph";
import type { FormProps } from "./StepForm";

export function WaitForm({ step, onChange }: FormProps<Step>) {
  const { t } = useTranslation("journeys");
  const { faults } = useEditing();
  switch (step.kind) {
    case "wait":
      return (
        <SpanInput
          label={t("form.duration")}
          value={step.duration}
          error={wordsFor(faults, "duration")}
          onChange={(duration) => onChange({ ...step, duration }, "duration")}
        />
      );
    case "wait_until":
      return (
        <>
          <div className={styles.row}>
            <TimeOfDay
              label={t("form.since")}
              value={step.since}
              onChange={(since) => onChange({ ...step, since })}
            />
            <TimeOfDay
              label={t("form.until")}
              value={step.until}
              onChange={(until) => onChange({ ...step, until })}
            />
          </div>
          <p className={styles.hint}>{t("form.windowHelp")}</p>
          <WeekdaysPick
            label={t("form.weekdaysOnly")}
            value={step.weekdays}
            onChange={(weekdays) => onChange({ ...step, weekdays })}
          />
          <Switch
            label={t("form.business")}
            checked={step.business}
            onChange={(event) => onChange({ ...step, business: event.currentTarget.checked })}
          />
        </>
      );
    case "wait_event":
      return (
        <>
          <SignalForm<WaitSignal>
            at="signal"
            kinds={["event", "segment", "list_status"]}
            value={step.signal}
            onChange={(signal) => onChange({ ...step, signal }, "signal")}
          />
          <SpanInput
            label={t("form.timeout")}
            value={step.timeout}
            error={wordsFor(faults, "timeout")}
            onChange={(timeout) => onChange({ ...step, timeout }, "timeout")}
          />
        </>
      );
    case "wait_date":
      return (
        <>
          <DatePick
            label={t("form.date")}
            own
            field={step.field}
            related=""
            error={wordsFor(faults, "field")}
            onChange={(field) => onChange({ ...step, field })}
          />
          <OffsetInput
            label={t("form.offset")}
            value={step.offset}
            onChange={(offset) => onChange({ ...step, offset }, "offset")}
          />
          <TimeOfDay
            label={t("form.at")}
            value={step.at}
            onChange={(at) => onChange({ ...step, at })}
          />
        </>
      );
    default:
      return null;
  }
}
