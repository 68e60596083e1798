/** The value a condition compares with: fixed, picked from the data, relative, or another field. */

import {
  ActionIcon,
  Menu,
  NumberInput,
  Popover,
  Group as Row,
  Stack,
  TextInput,
  UnstyledButton,
} from "@mantine/core";
import { IconAdjustments, IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { DayInput } from "@/design/DayInput";
import type { Operand } from "../model/blocks";
import { type FoundField, resolve, type Scope } from "../model/catalog";
import { familyOf, formOf } from "../model/ops";
import { offsetText } from "../model/windows";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { InlineSelect } from "./InlineSelect";
import { FieldWord } from "./TestSentence";
import { ValuesPicker } from "./ValuesPicker";
import { OffsetInput, WindowEditor } from "./WindowEditor";

export type Compared = Pick<
  FoundField,
  "type" | "scale" | "meaning" | "dataset" | "field" | "part"
>;

interface Props {
  field: Compared;
  op: string;
  operand: Operand;
  scope: Scope;
  onChange: (operand: Operand) => void;
}

const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export function OperandEditor(props: Props) {
  const { t } = useTranslation("rules");
  const { field, op, operand, onChange } = props;
  if (operand.kind === "window") {
    return (
      <WindowEditor
        window={operand.window}
        instants={field.type === "timestamp"}
        onChange={(window) => onChange({ kind: "window", window })}
      />
    );
  }
  if (operand.kind === "range") {
    return (
      <Row gap={4} wrap="wrap">
        <One
          {...props}
          label={t("operand.low")}
          operand={operand.low}
          onChange={(low) => onChange({ ...operand, low })}
        />
        <span className={classes.particle}>{t("operand.to")}</span>
        <One
          {...props}
          label={t("operand.high")}
          operand={operand.high}
          onChange={(high) => onChange({ ...operand, high })}
        />
      </Row>
    );
  }
  if (operand.kind === "many") {
    if (familyOf(field.type) === "number" && field.part === null && field.field === "") return null;
    return (
      <ValuesPicker
        field={field}
        values={operand.values}
        multiple
        labels={field.part === "weekday" ? (v) => t(`weekday.${v}`) : undefined}
        fixed={field.part === "weekday" ? WEEKDAYS : undefined}
        onChange={(values) => onChange({ kind: "many", values })}
      />
    );
  }
  if (formOf(op) === "none") return null;
  return <One {...props} label={t("operand.label")} />;
}

function One(props: Props & { label: string }) {
  const { t } = useTranslation("rules");
  const { catalog } = useBuilder();
  const { operand, onChange, scope, field } = props;
  switch (operand.kind) {
    case "today":
    case "now":
      return (
        <Wrap {...props}>
          <Popover position="bottom-start" withinPortal trapFocus>
            <Popover.Target>
              <UnstyledButton className={classes.word} aria-label={props.label}>
                <span>{offsetText(operand.kind, operand.offset, t)}</span>
                <IconChevronDown size={12} aria-hidden />
              </UnstyledButton>
            </Popover.Target>
            <Popover.Dropdown>
              <Stack gap="xs">
                <OffsetInput
                  offset={operand.offset}
                  onChange={(offset) => onChange({ ...operand, offset })}
                />
              </Stack>
            </Popover.Dropdown>
          </Popover>
        </Wrap>
      );
    case "field":
      return (
        <Wrap {...props}>
          <FieldWord
            scope={scope}
            field={resolve(catalog, scope, operand.path)}
            path={operand.path}
            fieldsOnly
            accepts={(other) => familyOf(other.type) === familyOf(field.type)}
            onPick={(found) => {
              if (found.kind === "field") onChange({ kind: "field", path: found.field.path });
            }}
          />
        </Wrap>
      );
    case "user":
      return (
        <Wrap {...props}>
          <UserName name={operand.name} onChange={(name) => onChange({ kind: "user", name })} />
        </Wrap>
      );
    case "one":
      return (
        <Wrap {...props}>
          <Literal
            {...props}
            value={operand.value}
            onValue={(value) => onChange({ kind: "one", value })}
          />
        </Wrap>
      );
    default:
      return <span className={classes.particle}>{t("operand.raw")}</span>;
  }
}

function UserName({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const { t } = useTranslation("rules");
  const { userFields } = useBuilder();
  return (
    <InlineSelect
      label={t("operand.userName")}
      value={name}
      choices={userFields.map((one) => ({ value: one, label: `${t("operand.user")}: ${one}` }))}
      onChange={onChange}
    />
  );
}

/** The value, and a small menu for another sort of value. */
function Wrap(props: Props & { children: React.ReactNode }) {
  const { t } = useTranslation("rules");
  const { userFields } = useBuilder();
  const { operand, onChange, field } = props;
  const dated = familyOf(field.type) === "date";
  return (
    <span className={classes.operand}>
      {props.children}
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon size="xs" aria-label={t("operand.kind")} className={classes.quiet}>
            <IconAdjustments size={14} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Label>{t("operand.kind")}</Menu.Label>
          <Menu.Item
            disabled={operand.kind === "one"}
            onClick={() => onChange({ kind: "one", value: null })}
          >
            {t("operand.fixed")}
          </Menu.Item>
          {dated && (
            <Menu.Item
              disabled={operand.kind === "today"}
              onClick={() => onChange({ kind: "today", offset: "-30d" })}
            >
              {t("operand.relative")}
            </Menu.Item>
          )}
          <Menu.Item
            disabled={operand.kind === "field"}
            onClick={() => onChange({ kind: "field", path: "" })}
          >
            {t("operand.field")}
          </Menu.Item>
          {userFields.length > 0 && (
            <Menu.Item
              disabled={operand.kind === "user"}
              onClick={() => onChange({ kind: "user", name: userFields[0] ?? "" })}
            >
              {t("operand.user")}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </span>
  );
}

function Literal(
  props: Props & {
    label: string;
    value: string | number | boolean | null;
    onValue: (value: string | number | null) => void;
  },
) {
  const { t } = useTranslation("rules");
  const { field, op, value, onValue } = props;
  if (field.part === "weekday") {
    return (
      <InlineSelect
        label={props.label}
        value={String(value ?? "")}
        choices={WEEKDAYS.map((day) => ({ value: day, label: t(`weekday.${day}`) }))}
        onChange={onValue}
      />
    );
  }
  switch (familyOf(field.type)) {
    case "number":
      return (
        <NumberInput
          size="xs"
          w={field.meaning === "money" ? 140 : 96}
          aria-label={props.label}
          placeholder={t("operand.typeNumber")}
          thousandSeparator=","
          hideControls
          allowDecimal={field.type !== "integer"}
          value={typeof value === "number" ? value : ""}
          onChange={(next) => onValue(typeof next === "number" ? next : null)}
        />
      );
    case "date":
      return (
        <DayInput
          size="xs"
          w={180}
          aria-label={props.label}
          value={String(value ?? "").slice(0, 10) || null}
          onChange={onValue}
        />
      );
    default:
      if (["eq", "ne", "has"].includes(op)) {
        return (
          <ValuesPicker
            field={field}
            values={value === null || value === "" ? [] : [value]}
            onChange={(values) => onValue((values[0] as string | undefined) ?? null)}
          />
        );
      }
      return (
        <TextInput
          size="xs"
          w={180}
          aria-label={props.label}
          placeholder={t("operand.typeText")}
          value={String(value ?? "")}
          onChange={(event) => onValue(event.currentTarget.value)}
        />
      );
  }
}
