/** Choosers of what a step can name: a value that is not there any more stays readable. */
import { Chip, Group, Input, MultiSelect, Select } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { WEEKDAYS, type Weekday } from "../model/graph";
import { useEditing } from "./editing";
import styles from "./forms.module.css";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
}

interface Known {
  value: string;
  label: string;
}

/** The choices, with the chosen one among them even when it is gone. */
function withChosen(known: readonly Known[], chosen: readonly string[]): Known[] {
  const gone = chosen.filter((one) => one !== "" && !known.some((two) => two.value === one));
  return [...known, ...gone.map((value) => ({ value, label: value }))];
}

interface ChoiceProps extends Props {
  known: readonly Known[];
  placeholder?: string;
  clearable?: boolean;
  description?: string;
}

export function Choose({ known, value, onChange, placeholder, ...rest }: ChoiceProps) {
  const { t } = useTranslation("journeys");
  return (
    <Select
      {...rest}
      searchable
      nothingFoundMessage={t("form.nothing")}
      placeholder={placeholder ?? t("form.choose")}
      value={value === "" ? null : value}
      data={withChosen(known, [value])}
      onChange={(next) => {
        if (next !== null) onChange(next);
        else if (rest.clearable) onChange("");
      }}
    />
  );
}

export function SegmentPick(props: Props) {
  const { choices } = useEditing();
  return <Choose {...props} known={choices?.segments ?? []} />;
}

export function ListPick(props: Props) {
  const { choices } = useEditing();
  return <Choose {...props} known={choices?.lists ?? []} />;
}

/** Templates of a machine's channels, or those of webhooks. */
export function TemplatePick({ webhook, ...props }: Props & { webhook: boolean }) {
  const { t } = useTranslation("journeys");
  const { choices } = useEditing();
  const known = (choices?.templates ?? [])
    .filter((one) => (one.channel === "webhook") === webhook && one.channel !== "person")
    .map((one) => ({
      value: one.value,
      label: [
        one.label,
        t(`channel.${one.channel}`, { defaultValue: one.channel }),
        one.ready ? "" : t("form.notReady"),
      ]
        .filter(Boolean)
        .join(t("dot")),
    }));
  return <Choose {...props} known={known} />;
}

export function SenderPick(props: Props & { channel: string | undefined }) {
  const { t } = useTranslation("journeys");
  const { choices } = useEditing();
  const { channel, ...rest } = props;
  const known = (choices?.senders ?? []).filter((one) => !channel || one.detail === channel);
  return <Choose {...rest} known={known} clearable placeholder={t("form.usualSender")} />;
}

interface ManyProps {
  label: string;
  value: readonly string[];
  onChange: (value: string[]) => void;
  error?: string | null;
}

/** Names of events: those that are known under their labels, and any other as it is typed. */
export function EventsPick({ label, value, onChange, error }: ManyProps) {
  const { t } = useTranslation("journeys");
  const { choices } = useEditing();
  const [typed, setTyped] = useState("");
  const known = withChosen(choices?.events ?? [], value);
  const fresh = typed.trim();
  const more =
    fresh === "" || known.some((one) => one.value === fresh || one.label === fresh)
      ? []
      : [{ value: fresh, label: t("form.anotherEvent", { name: fresh }) }];
  return (
    <MultiSelect
      label={label}
      error={error}
      placeholder={value.length === 0 ? t("form.event") : undefined}
      value={[...value]}
      data={[...known, ...more]}
      onChange={onChange}
      searchable
      searchValue={typed}
      onSearchChange={setTyped}
      hidePickedOptions
      renderOption={({ option }) => (
        <span className={styles.event}>
          <span>{option.label}</span>
          {option.label !== option.value && <code className="muted">{option.value}</code>}
        </span>
      )}
    />
  );
}

/** Statuses and outcomes of one list. */
export function StatusPick({ label, value, onChange, error, list }: ManyProps & { list: string }) {
  const { t } = useTranslation("journeys");
  const { choices } = useEditing();
  const found = choices?.lists.find((one) => one.value === list);
  const seen = new Set<string>();
  const known = [...(found?.outcomes ?? []), ...(found?.statuses ?? [])].filter((one) => {
    const first = !seen.has(one.value);
    seen.add(one.value);
    return first;
  });
  return (
    <MultiSelect
      label={label}
      error={error}
      placeholder={value.length === 0 ? t("form.choose") : undefined}
      value={[...value]}
      data={withChosen(known, value)}
      onChange={onChange}
      searchable
    />
  );
}

/** A field of one event, such as the one that holds the number of an appointment. */
export function EventFieldPick(props: Props & { events: readonly string[]; description?: string }) {
  const { events, ...rest } = props;
  const { t } = useTranslation("journeys");
  const { choices } = useEditing();
  const known = new Map<string, Known>();
  for (const event of choices?.events ?? []) {
    if (!events.includes(event.value)) continue;
    for (const field of event.fields) known.set(field.value, field);
  }
  return <Choose {...rest} known={[...known.values()]} clearable placeholder={t("form.none")} />;
}

const APART = ">";

/** A date of the person, or of rows that belong to her. */
export function DatePick(props: {
  label: string;
  field: string;
  related: string;
  own?: boolean;
  onChange: (field: string, related: string) => void;
  error?: string | null;
}) {
  const { label, field, related, own, onChange, error } = props;
  const { choices } = useEditing();
  const known = (choices?.dates ?? [])
    .filter((one) => !own || one.related === "")
    .map((one) => ({ value: `${one.related}${APART}${one.value}`, label: one.label }));
  return (
    <Choose
      label={label}
      error={error}
      known={known}
      value={field === "" ? "" : `${related}${APART}${field}`}
      onChange={(chosen) => {
        const at = chosen.indexOf(APART);
        onChange(chosen.slice(at + 1), chosen.slice(0, at));
      }}
    />
  );
}

export function WeekdaysPick(props: {
  label: string;
  value: readonly Weekday[];
  onChange: (value: Weekday[]) => void;
}) {
  const { t } = useTranslation("journeys");
  return (
    <Input.Wrapper label={props.label} labelElement="div">
      <Chip.Group
        multiple
        value={[...props.value]}
        onChange={(chosen) => props.onChange(WEEKDAYS.filter((day) => chosen.includes(day)))}
      >
        <Group gap={4}>
          {WEEKDAYS.map((day) => (
            <Chip key={day} value={day} size="xs">
              {t(`weekday.${day}`)}
            </Chip>
          ))}
        </Group>
      </Chip.Group>
    </Input.Wrapper>
  );
}
