/** Durations and offsets from a date. */
import { Group, Input, NumberInput, Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import {
  DAY_UNITS,
  readOffset,
  readSpan,
  type Side,
  SPAN_UNITS,
  type SpanUnit,
  writeOffset,
  writeSpan,
} from "../model/spans";

interface Props {
  label: string;
  value: string;
  onChange: (value: string) => void;
  error?: string | null;
}

export function SpanInput({ label, value, onChange, error }: Props) {
  const { t } = useTranslation("journeys");
  const span = readSpan(value);
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap={8} wrap="nowrap">
        <NumberInput
          w={96}
          min={1}
          max={9999}
          allowDecimal={false}
          aria-label={`${label} ${t("form.number")}`}
          value={span.count}
          onChange={(count) => onChange(writeSpan({ ...span, count: Number(count) }))}
        />
        <Select
          w={120}
          allowDeselect={false}
          aria-label={`${label} ${t("form.unit")}`}
          value={span.unit}
          data={SPAN_UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
          onChange={(unit) => unit && onChange(writeSpan({ ...span, unit: unit as SpanUnit }))}
        />
      </Group>
    </Input.Wrapper>
  );
}

export function OffsetInput({ label, value, onChange, error }: Props) {
  const { t } = useTranslation("journeys");
  const offset = readOffset(value);
  return (
    <Input.Wrapper label={label} error={error} labelElement="div">
      <Group gap={8} wrap="nowrap">
        {offset.side !== "on" && (
          <>
            <NumberInput
              w={80}
              min={1}
              max={9999}
              allowDecimal={false}
              aria-label={`${label} ${t("form.number")}`}
              value={offset.count}
              onChange={(count) => onChange(writeOffset({ ...offset, count: Number(count) }))}
            />
            <Select
              w={104}
              allowDeselect={false}
              aria-label={`${label} ${t("form.unit")}`}
              value={offset.unit}
              data={DAY_UNITS.map((unit) => ({ value: unit, label: t(`unit.${unit}`) }))}
              onChange={(unit) =>
                unit && onChange(writeOffset({ ...offset, unit: unit as SpanUnit }))
              }
            />
          </>
        )}
        <Select
          w={104}
          allowDeselect={false}
          aria-label={`${label} ${t("form.side")}`}
          value={offset.side}
          data={(["before", "on", "after"] as const).map((side) => ({
            value: side,
            label: t(`side.${side}`),
          }))}
          onChange={(side) => side && onChange(writeOffset({ ...offset, side: side as Side }))}
        />
      </Group>
    </Input.Wrapper>
  );
}
