/** The value a condition compares with: fixed, picked, relative, another field, or computed. */

import { Popover, Group as Row, Stack, UnstyledButton } from "@mantine/core";
import { IconChevronDown } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Operand } from "../model/blocks";
import { type FoundField, resolve, type Scope } from "../model/catalog";
import { familyOf, formOf } from "../model/ops";
import { offsetText } from "../model/windows";
import classes from "./builder.module.css";
import { ComputedOperand } from "./ComputedOperand";
import { useBuilder } from "./context";
import { InlineSelect } from "./InlineSelect";
import { LiteralInput } from "./LiteralInput";
import { OperandKind } from "./OperandKind";
import { FieldWord } from "./TestSentence";
import { ValuesPicker } from "./ValuesPicker";
import { OffsetInput, WindowEditor } from "./WindowEditor";

export type Compared = Pick<
  FoundField,
  "type" | "scale" | "meaning" | "dataset" | "field" | "part"
>;

export interface OperandProps {
  field: Compared;
  op: string;
  operand: Operand;
  scope: Scope;
  /** Tells one operand of a test from another: edits of one in a row are one step of undo. */
  mark: string;
  onChange: (operand: Operand) => void;
}

export const WEEKDAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] as const;

export function OperandEditor(props: OperandProps) {
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
          mark={`${props.mark}:low`}
          label={t("operand.low")}
          operand={operand.low}
          onChange={(low) => onChange({ ...operand, low })}
        />
        <span className={classes.particle}>{t("operand.to")}</span>
        <One
          {...props}
          mark={`${props.mark}:high`}
          label={t("operand.high")}
          operand={operand.high}
          onChange={(high) => onChange({ ...operand, high })}
        />
      </Row>
    );
  }
  if (operand.kind === "many") {
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

function One(props: OperandProps & { label: string }) {
  const { t } = useTranslation("rules");
  const { catalog } = useBuilder();
  const { operand, onChange, scope, field } = props;
  switch (operand.kind) {
    case "today":
    case "now":
      return (
        <OperandKind {...props}>
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
        </OperandKind>
      );
    case "field":
    case "subject": {
      const from: Scope =
        operand.kind === "field"
          ? scope
          : { dataset: scope.subject, subject: scope.subject, top: true, ofEvent: false };
      return (
        <OperandKind {...props}>
          {operand.kind === "subject" && (
            <span className={classes.particle}>{t("operand.subjectOf")}</span>
          )}
          <FieldWord
            scope={from}
            field={resolve(catalog, from, operand.path)}
            path={operand.path}
            fieldsOnly
            accepts={(other) => familyOf(other.type) === familyOf(field.type)}
            onPick={(found) => {
              if (found.kind === "field") onChange({ ...operand, path: found.field.path });
            }}
          />
        </OperandKind>
      );
    }
    case "user":
      return (
        <OperandKind {...props}>
          <UserName name={operand.name} onChange={(name) => onChange({ kind: "user", name })} />
        </OperandKind>
      );
    case "computed":
      return <ComputedOperand {...props} operand={operand} />;
    case "one":
      return (
        <OperandKind {...props}>
          <LiteralInput
            {...props}
            value={operand.value}
            onValue={(value) => onChange({ kind: "one", value })}
          />
        </OperandKind>
      );
    default:
      return <span className={classes.particle}>{t("operand.raw")}</span>;
  }
}

function UserName({ name, onChange }: { name: string; onChange: (name: string) => void }) {
  const { t } = useTranslation("rules");
  const { userFields } = useBuilder();
  const known = userFields.includes(name) ? userFields : [...userFields, name];
  return (
    <InlineSelect
      label={t("operand.userName")}
      value={name}
      choices={known.map((one) => ({ value: one, label: `${t("operand.user")}: ${one}` }))}
      onChange={onChange}
    />
  );
}
