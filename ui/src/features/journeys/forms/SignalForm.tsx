/** What is listened to: an event, a crossing of a segment, a rule, a status on a list. */
import { Button, SegmentedControl, Select, Stack } from "@mantine/core";
import { useTranslation } from "react-i18next";
import type { JsonObject } from "@/features/rules";
import { wordsFor } from "../model/faults";
import { emptyRule, freshSignal } from "../model/fresh";
import type { DateEntry, OnEvent, OnListStatus, OnSegment, Signal } from "../model/graph";
import { useEditing } from "./editing";
import { EventFieldPick, EventsPick, ListPick, SegmentPick, StatusPick } from "./Picks";
import { type Rows, RuleField } from "./RuleField";

interface FormProps<S> {
  /** Where its faults are told: `exits[0]`. */
  at: string;
  value: S;
  onChange: (value: S) => void;
}

const KINDS = ["event", "segment", "rule", "list_status"] as const;

export function SignalForm<S extends Signal>(
  props: FormProps<S> & {
    kinds?: readonly Signal["kind"][];
    /** A walk has an entry key that the event may have to carry. */
    keyed?: boolean;
  },
) {
  const { at, value, onChange, kinds = KINDS, keyed = true } = props;
  const { t } = useTranslation("journeys");
  return (
    <Stack gap="sm">
      <Select
        label={t("form.signal")}
        allowDeselect={false}
        value={value.kind}
        data={kinds.map((kind) => ({ value: kind, label: t(`signalKind.${kind}`) }))}
        onChange={(kind) => {
          if (kind && kind !== value.kind) onChange(freshSignal(kind as Signal["kind"]) as S);
        }}
      />
      {value.kind === "event" && (
        <>
          <EventForm at={at} value={value} onChange={onChange as (value: OnEvent) => void} />
          {keyed && (
            <EventFieldPick
              label={t("form.sameKey")}
              description={t("form.sameKeyHelp")}
              events={value.event}
              value={value.same_key}
              onChange={(same_key) => onChange({ ...value, same_key })}
            />
          )}
        </>
      )}
      {value.kind === "segment" && (
        <SegmentForm at={at} value={value} onChange={onChange as (value: OnSegment) => void} />
      )}
      {value.kind === "list_status" && (
        <ListStatusForm
          at={at}
          value={value}
          onChange={onChange as (value: OnListStatus) => void}
        />
      )}
      {value.kind === "rule" && (
        <RuleField
          label={t("form.rule")}
          field={`${at}.rule`}
          value={value.rule}
          onChange={(rule) => onChange({ ...value, rule })}
        />
      )}
    </Stack>
  );
}

export function EventForm<E extends OnEvent>({ at, value, onChange }: FormProps<E>) {
  const { t } = useTranslation("journeys");
  const { faults, readOnly } = useEditing();
  return (
    <>
      <EventsPick
        label={t("form.events")}
        value={value.event}
        error={wordsFor(faults, `${at}.event`)}
        onChange={(event) => onChange({ ...value, event })}
      />
      <WhereField
        field={`${at}.where`}
        where={value.where}
        events={value.event}
        readOnly={readOnly}
        onChange={(where) => onChange({ ...value, where })}
      />
    </>
  );
}

/** A narrowing by the event's own fields; without it every such event counts. */
export function WhereField(props: {
  field: string;
  where: OnEvent["where"];
  events: readonly string[];
  readOnly: boolean;
  onChange: (where: OnEvent["where"]) => void;
}) {
  const { t } = useTranslation("journeys");
  const { events } = props;
  if (props.where === null && events.length === 0) return null;
  return <Narrowing {...props} label={t("form.where")} of={{ events }} />;
}

/** A narrowing by the fields of the rows that a date stands in; without it every row counts. */
export function RowsField(props: {
  field: string;
  where: DateEntry["where"];
  related: string;
  readOnly: boolean;
  onChange: (where: DateEntry["where"]) => void;
}) {
  const { t } = useTranslation("journeys");
  const { related } = props;
  if (props.where === null && related === "") return null;
  return <Narrowing {...props} label={t("form.rowsWhere")} of={{ related }} />;
}

function Narrowing(props: {
  label: string;
  field: string;
  where: JsonObject | null;
  of: Rows;
  readOnly: boolean;
  onChange: (where: JsonObject | null) => void;
}) {
  const { label, field, where, of, readOnly, onChange } = props;
  const { t } = useTranslation("journeys");
  if (where === null) {
    if (readOnly) return null;
    return (
      <div>
        <Button variant="light" size="compact-sm" onClick={() => onChange(emptyRule())}>
          {t("form.addWhere")}
        </Button>
      </div>
    );
  }
  return (
    <div>
      <RuleField label={label} field={field} value={where} of={of} onChange={onChange} />
      {!readOnly && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => onChange(null)}>
          {t("form.noWhere")}
        </Button>
      )}
    </div>
  );
}

export function SegmentForm<S extends OnSegment>({ at, value, onChange }: FormProps<S>) {
  const { t } = useTranslation("journeys");
  const { faults } = useEditing();
  return (
    <>
      <SegmentPick
        label={t("form.segment")}
        value={value.segment}
        error={wordsFor(faults, `${at}.segment`)}
        onChange={(segment) => onChange({ ...value, segment })}
      />
      <SegmentedControl
        aria-label={t("form.crossing")}
        w="fit-content"
        value={value.crossing}
        data={(["entered", "left"] as const).map((one) => ({
          value: one,
          label: t(`crossing.${one}`),
        }))}
        onChange={(crossing) => onChange({ ...value, crossing: crossing as OnSegment["crossing"] })}
      />
    </>
  );
}

export function ListStatusForm<S extends OnListStatus>({ at, value, onChange }: FormProps<S>) {
  const { t } = useTranslation("journeys");
  const { faults } = useEditing();
  return (
    <>
      <ListPick
        label={t("form.list")}
        value={value.list}
        error={wordsFor(faults, `${at}.list`)}
        onChange={(list) => onChange({ ...value, list, status: [] })}
      />
      <StatusPick
        label={t("form.status")}
        list={value.list}
        value={value.status}
        error={wordsFor(faults, `${at}.status`)}
        onChange={(status) => onChange({ ...value, status })}
      />
    </>
  );
}
