/** A period as a word of the sentence; it opens a small form. */

import {
  Button,
  NumberInput,
  Popover,
  Group as Row,
  SegmentedControl,
  Select,
  Stack,
  UnstyledButton,
} from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DayInput } from "@/design/DayInput";
import type { DateRef, Window } from "../model/blocks";
import {
  CALENDAR_NAMES,
  DAY_UNITS,
  parseLength,
  UNITS,
  type Unit,
  windowText,
  writeLength,
} from "../model/windows";
import classes from "./builder.module.css";

interface Props {
  window: Window;
  /** Whether hours and minutes make sense (instants, not dates). */
  instants: boolean;
  onChange: (window: Window) => void;
  onRemove?: () => void;
}

const KINDS = ["last", "next", "calendar", "between"] as const;

function ofKind(kind: Window["kind"], before: Window): Window {
  switch (kind) {
    case "last":
    case "next":
      return {
        kind,
        length: before.kind === "last" || before.kind === "next" ? before.length : "30d",
      };
    case "calendar":
      return { kind, name: "this_month" };
    case "between":
      return { kind, from: { kind: "today", offset: "-30d" }, to: null };
  }
}

export function WindowEditor({ window, instants, onChange, onRemove }: Props) {
  const { t } = useTranslation("rules");
  return (
    <Popover position="bottom-start" withinPortal trapFocus shadow="md">
      <Popover.Target>
        <UnstyledButton
          className={classes.word}
          aria-label={`${t("window.label")}: ${windowText(window, t)}`}
        >
          <span>{windowText(window, t)}</span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown>
        <Stack gap="sm">
          <SegmentedControl
            size="xs"
            aria-label={t("window.kind")}
            value={window.kind}
            data={KINDS.map((kind) => ({ value: kind, label: t(`window.kinds.${kind}`) }))}
            onChange={(kind) => onChange(ofKind(kind as Window["kind"], window))}
          />
          {(window.kind === "last" || window.kind === "next") && (
            <LengthInput
              length={window.length}
              units={instants ? UNITS : DAY_UNITS}
              onChange={(length) => onChange({ ...window, length })}
            />
          )}
          {window.kind === "calendar" && (
            <Select
              size="xs"
              aria-label={t("window.kinds.calendar")}
              value={window.name}
              allowDeselect={false}
              comboboxProps={{ withinPortal: false }}
              data={CALENDAR_NAMES.map((name) => ({
                value: name,
                label: t(`window.calendar.${name}`),
              }))}
              onChange={(name) => name && onChange({ kind: "calendar", name })}
            />
          )}
          {window.kind === "between" && (
            <>
              <EdgeInput
                label={t("window.fromLabel")}
                edge={window.from}
                onChange={(from) => onChange({ ...window, from })}
              />
              <EdgeInput
                label={t("window.toLabel")}
                edge={window.to}
                onChange={(to) => onChange({ ...window, to })}
              />
            </>
          )}
          {onRemove && (
            <Button variant="subtle" color="gray" size="compact-xs" onClick={onRemove}>
              {t("window.remove")}
            </Button>
          )}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

/** A number and a unit: 30 + 日. */
export function LengthInput(props: {
  length: string;
  units: readonly Unit[];
  onChange: (length: string) => void;
}) {
  const { t } = useTranslation("rules");
  const length = parseLength(props.length) ?? { amount: 30, unit: "d" as const };
  const sign = length.amount < 0 ? -1 : 1;
  return (
    <Row gap={6} wrap="nowrap">
      <NumberInput
        size="xs"
        w={88}
        min={0}
        max={36500}
        allowDecimal={false}
        aria-label={t("window.amount")}
        value={Math.abs(length.amount)}
        onChange={(value) =>
          props.onChange(writeLength({ ...length, amount: sign * (Number(value) || 0) }))
        }
      />
      <Select
        size="xs"
        w={100}
        aria-label={t("window.unit")}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        value={length.unit}
        data={props.units.map((unit) => ({ value: unit, label: t(`window.units.${unit}`) }))}
        onChange={(unit) => unit && props.onChange(writeLength({ ...length, unit: unit as Unit }))}
      />
    </Row>
  );
}

function EdgeInput(props: {
  label: string;
  edge: DateRef | null;
  onChange: (edge: DateRef | null) => void;
}) {
  const { t } = useTranslation("rules");
  const { edge } = props;
  return (
    <Row gap={6} align="end" wrap="nowrap">
      <Select
        size="xs"
        w={140}
        label={props.label}
        allowDeselect={false}
        comboboxProps={{ withinPortal: false }}
        value={edge === null ? "none" : edge.kind === "fixed" ? "fixed" : "today"}
        data={[
          { value: "none", label: t("related.noDuring") },
          { value: "fixed", label: t("operand.date") },
          { value: "today", label: t("operand.relative") },
        ]}
        onChange={(kind) => {
          if (kind === "none") props.onChange(null);
          else if (kind === "fixed") props.onChange({ kind: "fixed", text: "" });
          else props.onChange({ kind: "today", offset: "-30d" });
        }}
      />
      {edge?.kind === "fixed" && (
        <DayInput
          size="xs"
          w={180}
          aria-label={props.label}
          value={edge.text.slice(0, 10) || null}
          onChange={(text) => props.onChange({ kind: "fixed", text: text ?? "" })}
        />
      )}
      {edge && edge.kind !== "fixed" && (
        <OffsetInput
          offset={edge.offset}
          onChange={(offset) => props.onChange({ ...edge, offset })}
        />
      )}
    </Row>
  );
}

/** So long before or after now: amount, unit, direction. */
export function OffsetInput(props: { offset: string; onChange: (offset: string) => void }) {
  const { t } = useTranslation("rules");
  const length = parseLength(props.offset) ?? { amount: 0, unit: "d" as const };
  const after = length.amount > 0;
  return (
    <Row gap={6} wrap="nowrap" align="end">
      <LengthInput length={props.offset} units={DAY_UNITS} onChange={props.onChange} />
      <SegmentedControl
        size="xs"
        aria-label={t("operand.direction")}
        value={after ? "after" : "before"}
        data={[
          { value: "before", label: t("operand.ago") },
          { value: "after", label: t("operand.ahead") },
        ]}
        onChange={(side) =>
          props.onChange(
            writeLength({
              unit: length.unit,
              amount: (side === "after" ? 1 : -1) * Math.max(1, Math.abs(length.amount)),
            }),
          )
        }
      />
    </Row>
  );
}
