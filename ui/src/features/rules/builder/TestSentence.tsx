/** A condition as a sentence of words that can be changed: field, operator, value. */
import { UnstyledButton } from "@mantine/core";
import { IconAlertTriangle, IconChevronDown } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import type { Operand, Test } from "../model/blocks";
import { type FoundField, resolve, type Scope } from "../model/catalog";
import type { Found } from "../model/finder";
import { familyOf, formOf, operandFor, opsOf } from "../model/ops";
import { retarget } from "../model/start";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { FieldFinder, fieldLabel, TypeIcon } from "./FieldFinder";
import { InlineSelect } from "./InlineSelect";
import { OperandEditor } from "./OperandEditor";
import { RowsSentence } from "./RowsSentence";

interface Props {
  test: Test;
  scope: Scope;
  depth: number;
  /** Only the value, without a comparison: columns, scores. */
  valueOnly?: boolean;
}

export function TestSentence({ test, scope, depth, valueOnly = false }: Props) {
  if (test.on.kind !== "field") {
    return <RowsSentence test={test} scope={scope} depth={depth} valueOnly={valueOnly} />;
  }
  return <FieldSentence test={test} path={test.on.path} scope={scope} valueOnly={valueOnly} />;
}

function FieldSentence(props: { test: Test; path: string; scope: Scope; valueOnly: boolean }) {
  const { test, path, scope, valueOnly } = props;
  const { t } = useTranslation("rules");
  const { catalog, actions } = useBuilder();
  const field = resolve(catalog, scope, path);
  return (
    <div className={classes.sentence}>
      <FieldWord
        scope={scope}
        field={field}
        path={path}
        onPick={(found) => actions.change(retarget(test, found))}
      />
      {!valueOnly && <Particle>{t("particle.field")}</Particle>}
      {field && !valueOnly && (
        <Comparison
          field={field}
          test={test}
          op={test.op ?? "eq"}
          operand={test.operand}
          scope={scope}
          onOp={(op) =>
            actions.change({ ...test, op, operand: operandFor(op, field.type, test.operand) })
          }
          onOperand={(operand) => actions.change({ ...test, operand }, `${test.id}:value`)}
        />
      )}
    </div>
  );
}

export function Particle({ children }: { children: ReactNode }) {
  return children ? <span className={classes.particle}>{children}</span> : null;
}

/** The word that names a field and opens the finder. */
export function FieldWord(props: {
  scope: Scope;
  field: FoundField | null;
  path: string;
  onPick: (found: Found) => void;
  fieldsOnly?: boolean;
  accepts?: (field: FoundField) => boolean;
}) {
  const { t } = useTranslation("rules");
  const { catalog, locale } = useBuilder();
  const { field } = props;
  const label = field
    ? fieldLabel(catalog, field, locale)
    : props.path === ""
      ? t("finder.choose")
      : t("builder.unknownField", { name: props.path });
  return (
    <FieldFinder
      scope={props.scope}
      fieldsOnly={props.fieldsOnly ?? false}
      {...(props.accepts ? { accepts: props.accepts } : {})}
      onPick={props.onPick}
      target={(open, opened) => (
        <UnstyledButton
          className={classes.field}
          data-unknown={(!field && props.path !== "") || undefined}
          data-empty={props.path === "" || undefined}
          aria-expanded={opened}
          aria-haspopup="listbox"
          aria-label={`${t("finder.change")}: ${label}`}
          onClick={open}
        >
          {field && <TypeIcon type={field.type} />}
          {!field && props.path !== "" && <IconAlertTriangle size={14} aria-hidden />}
          <span>{label}</span>
          <IconChevronDown size={12} aria-hidden />
        </UnstyledButton>
      )}
    />
  );
}

/** Operator and value; Japanese puts the value first, English the operator. */
export function Comparison(props: {
  test: Test;
  field: Pick<FoundField, "type" | "scale" | "meaning" | "dataset" | "field" | "part">;
  op: string;
  operand: Operand;
  scope: Scope;
  aggregate?: boolean;
  onOp: (op: string) => void;
  onOperand: (operand: Operand) => void;
}) {
  const { t } = useTranslation("rules");
  const { locale } = useBuilder();
  const family = familyOf(props.field.type);
  const operator = (
    <InlineSelect
      key="op"
      label={t("op.label")}
      value={props.op}
      choices={opsOf(props.field.type, { aggregate: props.aggregate ?? false }).map((op) => ({
        value: op,
        label: t(`op.${family}.${op}`),
      }))}
      onChange={props.onOp}
    />
  );
  const value =
    formOf(props.op) === "none" ? null : (
      <OperandEditor
        key="value"
        field={props.field}
        op={props.op}
        operand={props.operand}
        scope={props.scope}
        mark={`${props.test.id}:value`}
        onChange={props.onOperand}
      />
    );
  return (
    <>
      {locale === "ja" ? [value, operator] : [operator, value]}
      {props.test.exact && <span className={classes.chip}>{t("builder.exactChip")}</span>}
    </>
  );
}
