/** Picks values that the data really holds, with how many rows hold each. */
import { Combobox, Loader, Group as Row, Text, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useValues } from "../data";
import { foldForFinding } from "../model/finder";
import { familyOf } from "../model/ops";
import classes from "./builder.module.css";
import type { Compared } from "./OperandEditor";
import { useFirstOption, usePicker } from "./usePicker";

type Value = string | number | boolean;

/** What a closed list of choices is compared with: no field of the data. */
export const NO_FIELD: Compared = {
  type: "string",
  scale: 0,
  meaning: null,
  dataset: "",
  field: "",
  part: null,
};

interface Props {
  field: Compared;
  values: readonly Value[];
  multiple?: boolean;
  /** A closed set (weekdays) instead of the data's values. */
  fixed?: readonly string[] | undefined;
  labels?: ((value: string) => string) | undefined;
  /** What is chosen, for screen readers; default: the value. */
  label?: string;
  /** What it says while nothing is chosen. */
  placeholder?: string;
  strong?: boolean;
  onChange: (values: Value[]) => void;
}

const SHOWN = 4;

export function ValuesPicker(props: Props) {
  const { field, values, multiple = false, fixed, labels, onChange } = props;
  const { t } = useTranslation("rules");
  const picker = usePicker();
  const { combobox, query, setQuery } = picker;
  const [settled] = useDebouncedValue(query, 150);
  const asked = useValues(
    field.dataset,
    field.field,
    settled,
    combobox.dropdownOpened && fixed === undefined && field.part === null,
  );
  // Until the values for what is typed have come, those that are here and match it.
  const answered = fixed !== undefined || (settled === query && !asked.isPlaceholderData);
  const holding = foldForFinding(query);
  const numeric = familyOf(field.type) === "number";
  const known = fixed
    ? fixed
        .filter((value) => foldForFinding(`${labels?.(value) ?? ""} ${value}`).includes(holding))
        .map((value) => ({ value: value as Value, count: null }))
    : (asked.data ?? []).filter(
        (one) => answered || foldForFinding(String(one.value)).includes(holding),
      );
  const typed: Value | null = query.trim() === "" ? null : numeric ? Number(query) : query.trim();
  const offersTyped =
    !fixed &&
    answered &&
    typed !== null &&
    !Number.isNaN(typed) &&
    !known.some((one) => String(one.value) === String(typed));
  const say = (value: Value) => labels?.(String(value)) ?? String(value);
  const summary =
    values.length === 0
      ? (props.placeholder ?? t("operand.placeholder"))
      : values
          .slice(0, SHOWN)
          .map((value) => say(value))
          .join(t("operand.comma"));

  useFirstOption(picker, `${known.map((one) => one.value).join("\n")}${offersTyped}`);

  function toggle(value: Value) {
    if (!multiple) {
      onChange([value]);
      combobox.closeDropdown();
      return;
    }
    const has = values.some((one) => one === value);
    onChange(has ? values.filter((one) => one !== value) : [...values, value]);
  }

  return (
    <Combobox
      store={combobox}
      {...picker.popover}
      width={300}
      position="bottom-start"
      onOptionSubmit={(text) => {
        const found = known.find((one) => String(one.value) === text);
        toggle(found ? found.value : numeric ? Number(text) : text);
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        <UnstyledButton
          className={classes.word}
          data-empty={(values.length === 0 && !props.placeholder) || undefined}
          data-tone={props.strong ? "strong" : undefined}
          aria-haspopup="listbox"
          aria-expanded={combobox.dropdownOpened}
          aria-label={`${props.label ?? t("operand.label")}: ${summary}`}
          onClick={() => combobox.toggleDropdown()}
        >
          <span>
            {summary}
            {values.length > SHOWN && ` ${t("operand.others", { count: values.length - SHOWN })}`}
          </span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          ref={picker.search}
          value={query}
          aria-label={t("operand.typeText")}
          placeholder={t("operand.typeText")}
          rightSection={asked.isFetching ? <Loader size={14} /> : null}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Combobox.Options mah={280} className={classes.options} aria-label={t("operand.label")}>
          {known.map((one) => {
            const active = values.some((value) => value === one.value);
            return (
              <Combobox.Option key={String(one.value)} value={String(one.value)} active={active}>
                <Row justify="space-between" gap={8} wrap="nowrap">
                  <Row gap={6} wrap="nowrap">
                    <span className={classes.tick}>
                      {active && <IconCheck size={14} aria-hidden />}
                    </span>
                    <span>{say(one.value)}</span>
                  </Row>
                  {one.count !== null && (
                    <Text size="xs" c="dimmed" className="tabular">
                      {t("operand.count", { count: one.count })}
                    </Text>
                  )}
                </Row>
              </Combobox.Option>
            );
          })}
          {offersTyped && (
            <Combobox.Option value={String(typed)}>
              {t("operand.use", { value: query.trim() })}
            </Combobox.Option>
          )}
          {known.length === 0 && !offersTyped && (
            <Combobox.Empty>
              {t(asked.isFetching || !answered ? "operand.loading" : "operand.noValues")}
            </Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}
