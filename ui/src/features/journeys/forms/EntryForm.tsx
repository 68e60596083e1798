/** How people come in: one entry. */
import { NumberInput, Select, Stack, Switch } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { DayInput } from "@/design/DayInput";
import { TimeOfDay } from "@/features/policies/forms/TimeOfDay";
import { wordsFor } from "../model/faults";
import { freshEntry } from "../model/fresh";
import type { DateEntry, Entry, ScheduleEntry } from "../model/graph";
import { ENTRY_KINDS } from "../model/graph";
import { useEditing } from "./editing";
import styles from "./forms.module.css";
import { DatePick, EventFieldPick, WeekdaysPick } from "./Picks";
import { EventForm, ListStatusForm, RowsField, SegmentForm } from "./SignalForm";
import { OffsetInput } from "./SpanInput";

interface Props {
  at: string;
  value: Entry;
  onChange: (value: Entry) => void;
}

export function EntryForm({ at, value, onChange }: Props) {
  const { t } = useTranslation("journeys");
  return (
    <Stack gap="sm">
      <Select
        label={t("form.entryKind")}
        allowDeselect={false}
        value={value.kind}
        data={ENTRY_KINDS.map((kind) => ({ value: kind, label: t(`entryKind.${kind}`) }))}
        onChange={(kind) => {
          if (kind && kind !== value.kind) onChange(freshEntry(kind as Entry["kind"]));
        }}
      />
      {value.kind === "segment" && (
        <>
          <SegmentForm at={at} value={value} onChange={onChange} />
          {value.crossing === "entered" && (
            <Switch
              label={t("form.present")}
              description={t("form.presentHelp")}
              checked={value.present}
              onChange={(event) => onChange({ ...value, present: event.currentTarget.checked })}
            />
          )}
        </>
      )}
      {value.kind === "event" && (
        <>
          <EventForm at={at} value={value} onChange={onChange} />
          <EventFieldPick
            label={t("form.entryKey")}
            description={t("form.entryKeyHelp")}
            events={value.event}
            value={value.key}
            onChange={(key) => onChange({ ...value, key })}
          />
        </>
      )}
      {value.kind === "date" && <DateForm at={at} value={value} onChange={onChange} />}
      {value.kind === "schedule" && <ScheduleForm at={at} value={value} onChange={onChange} />}
      {value.kind === "list_status" && <ListStatusForm at={at} value={value} onChange={onChange} />}
      {value.kind === "api" && <p className={styles.hint}>{t("form.apiHelp")}</p>}
    </Stack>
  );
}

function DateForm(props: { at: string; value: DateEntry; onChange: (value: DateEntry) => void }) {
  const { at, value, onChange } = props;
  const { t } = useTranslation("journeys");
  const { faults, readOnly } = useEditing();
  return (
    <>
      <DatePick
        label={t("form.date")}
        field={value.field}
        related={value.related}
        error={wordsFor(faults, `${at}.field`)}
        onChange={(field, related) => onChange({ ...value, field, related, where: null })}
      />
      <RowsField
        field={`${at}.where`}
        where={value.where}
        related={value.related}
        readOnly={readOnly}
        onChange={(where) => onChange({ ...value, where })}
      />
      <OffsetInput
        label={t("form.offset")}
        value={value.offset}
        onChange={(offset) => onChange({ ...value, offset })}
      />
      <TimeOfDay
        label={t("form.at")}
        value={value.at}
        onChange={(time) => onChange({ ...value, at: time })}
      />
      <Switch
        label={t("form.yearly")}
        description={t("form.yearlyHelp")}
        checked={value.yearly}
        onChange={(event) => onChange({ ...value, yearly: event.currentTarget.checked })}
      />
    </>
  );
}

const EVERY = ["once", "day", "business_day", "week", "month"] as const;

function ScheduleForm(props: {
  at: string;
  value: ScheduleEntry;
  onChange: (value: ScheduleEntry) => void;
}) {
  const { value, onChange } = props;
  const { t } = useTranslation("journeys");
  return (
    <>
      <Select
        label={t("form.every")}
        allowDeselect={false}
        value={value.every}
        data={EVERY.map((every) => ({ value: every, label: t(`every.${every}`) }))}
        onChange={(every) =>
          every && onChange({ ...value, every: every as (typeof EVERY)[number] })
        }
      />
      {value.every === "once" && (
        <DayInput
          label={t("form.on")}
          value={value.on || null}
          onChange={(on) => onChange({ ...value, on: on ?? "" })}
        />
      )}
      {value.every === "week" && (
        <WeekdaysPick
          label={t("form.weekdays")}
          value={value.weekdays}
          onChange={(weekdays) => onChange({ ...value, weekdays })}
        />
      )}
      {value.every === "month" && (
        <NumberInput
          w={140}
          label={t("form.day")}
          description={t("form.dayHelp")}
          min={1}
          max={31}
          allowDecimal={false}
          value={value.day ?? 1}
          onChange={(day) => onChange({ ...value, day: Number(day) || 1 })}
        />
      )}
      <TimeOfDay
        label={t("form.at")}
        value={value.at}
        onChange={(time) => onChange({ ...value, at: time })}
      />
    </>
  );
}
