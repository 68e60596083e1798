/** A condition on related rows or events: which rows, narrowed how, in which period, measured how. */
import { Button, UnstyledButton } from "@mantine/core";
import { IconCalendarEvent, IconLink, IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import type { Measure, Rows, Test, Window } from "../model/blocks";
import {
  datasetOfEvent,
  type FoundField,
  resolve,
  resolveRelation,
  type Scope,
} from "../model/catalog";
import { defaultOp, MEASURES, measurable, measureType, operandFor } from "../model/ops";
import { retarget } from "../model/start";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { EventNames } from "./EventNames";
import { FieldFinder } from "./FieldFinder";
import { GroupBody } from "./GroupBody";
import { InlineSelect } from "./InlineSelect";
import { Comparison, FieldWord, Particle } from "./TestSentence";
import { WindowEditor } from "./WindowEditor";

/** The scope inside a narrowing: the rows of the relation's target or of the event. */
export function innerScope(
  catalog: Parameters<typeof resolve>[0],
  scope: Scope,
  on: Rows,
): Scope | null {
  const dataset =
    on.kind === "related"
      ? resolveRelation(catalog, scope.dataset, on.relation)?.target
      : datasetOfEvent(catalog, scope.subject, on.names[0] ?? "*")?.name;
  if (!dataset) return null;
  return { dataset, subject: scope.subject, top: false, ofEvent: on.kind === "event" };
}

/** What a measure compares as: its own type, and the field's values where they stay values. */
export function measuredField(
  measure: Measure,
  field: FoundField | null,
  dataset: string,
): Pick<FoundField, "type" | "scale" | "meaning" | "dataset" | "field" | "part"> {
  const type = measureType(measure, field?.type ?? null);
  const keeps = ["sum", "avg", "min", "max", "first", "last"].includes(measure.kind);
  return {
    type,
    scale: keeps ? (field?.scale ?? 0) : 0,
    meaning: keeps ? (field?.meaning ?? null) : null,
    dataset: field?.dataset ?? dataset,
    field: field?.field ?? "",
    part: field?.part ?? null,
  };
}

interface RowsProps {
  test: Test;
  scope: Scope;
  depth: number;
  valueOnly: boolean;
}

export function RowsSentence({ test, scope, depth, valueOnly }: RowsProps) {
  const { t } = useTranslation("rules");
  const { catalog, locale, actions } = useBuilder();
  const on = test.on as Rows;
  const inside = innerScope(catalog, scope, on);
  const setRows = (next: Rows, mark?: string) => actions.change({ ...test, on: next }, mark);
  const relation =
    on.kind === "related" ? resolveRelation(catalog, scope.dataset, on.relation) : null;
  const name =
    on.kind === "related"
      ? (relation?.trail.map((label) => label[locale]).join(" › ") ??
        t("builder.unknownField", { name: on.relation }))
      : "";
  return (
    <div className={classes.rows}>
      <div className={classes.sentence}>
        <FieldFinder
          scope={scope}
          onPick={(found) => actions.change(retarget(test, found))}
          target={(open) => (
            <UnstyledButton
              className={classes.field}
              aria-label={`${t("finder.change")}: ${on.kind === "related" ? name : t("finder.events")}`}
              onClick={open}
            >
              {on.kind === "related" ? (
                <IconLink size={14} aria-hidden />
              ) : (
                <IconCalendarEvent size={14} aria-hidden />
              )}
              <span>{on.kind === "related" ? name : t("finder.events")}</span>
            </UnstyledButton>
          )}
        />
        {on.kind === "event" && (
          <EventNames
            names={on.names}
            subject={scope.subject}
            onChange={(names) => setRows({ ...on, names, listed: false })}
          />
        )}
        <Particle>{t("particle.of")}</Particle>
        <PeriodWord during={on.during} onChange={(during) => setRows({ ...on, during })} />
      </div>
      {inside && (
        <div className={classes.narrowing}>
          <GroupBody group={on.where} scope={inside} depth={depth + 1} narrowing />
        </div>
      )}
      {inside && (
        <MeasureLine test={test} on={on} inside={inside} scope={scope} valueOnly={valueOnly} />
      )}
    </div>
  );
}

/** The period that rows or events lie in, or a way to give one. */
export function PeriodWord(props: {
  during: Window | null;
  onChange: (during: Window | null) => void;
}) {
  const { t } = useTranslation("rules");
  if (props.during) {
    return (
      <WindowEditor
        window={props.during}
        instants
        onChange={props.onChange}
        onRemove={() => props.onChange(null)}
      />
    );
  }
  return (
    <Button
      variant="subtle"
      color="gray"
      size="compact-xs"
      leftSection={<IconPlus size={12} aria-hidden />}
      onClick={() => props.onChange({ kind: "last", length: "90d" })}
    >
      {t("related.during")}
    </Button>
  );
}

function MeasureLine(props: {
  test: Test;
  on: Rows;
  inside: Scope;
  scope: Scope;
  valueOnly: boolean;
}) {
  const { t } = useTranslation("rules");
  const { catalog, actions } = useBuilder();
  const { test, on, inside, valueOnly } = props;
  const { measure } = on;
  const field = measure.kind === "count" ? null : resolve(catalog, inside, measure.field);
  const exists = !valueOnly && measure.kind === "count" && test.op === null;

  function setMeasure(next: Measure) {
    const nextField = next.kind === "count" ? null : resolve(catalog, inside, next.field);
    const type = measureType(next, nextField?.type ?? null);
    const op = next.kind === "count" || next.kind === "distinct" ? "ge" : defaultOp(type);
    const operand = operandFor(op, type, { kind: "one", value: next.kind === "count" ? 1 : null });
    actions.change({ ...test, on: { ...on, measure: next }, op, operand });
  }

  return (
    <div className={classes.sentence}>
      <InlineSelect
        label={t("related.measure")}
        value={exists ? "exists" : measure.kind}
        choices={[
          ...(valueOnly ? [] : [{ value: "exists", label: t("related.exists") }]),
          ...MEASURES.map((kind) => ({ value: kind, label: t(`measure.${kind}`) })),
        ]}
        onChange={(kind) => {
          if (kind === "exists") {
            actions.change({
              ...test,
              on: { ...on, measure: { kind: "count" } },
              op: null,
              operand: { kind: "none" },
            });
          } else if (kind === "count") setMeasure({ kind });
          else {
            const keep = field && measurable(kind as Measure["kind"], field.type);
            setMeasure({
              kind: kind as Exclude<Measure["kind"], "count">,
              field: keep && measure.kind !== "count" ? measure.field : "",
            });
          }
        }}
      />
      {measure.kind !== "count" && (
        <FieldWord
          scope={inside}
          field={field}
          path={measure.field}
          fieldsOnly
          accepts={(candidate) => measurable(measure.kind, candidate.type)}
          onPick={(found) => {
            if (found.kind === "field") setMeasure({ ...measure, field: found.field.path });
          }}
        />
      )}
      {!exists && !valueOnly && (
        <>
          <Particle>{t("particle.count")}</Particle>
          <Comparison
            test={test}
            field={measuredField(measure, field, inside.dataset)}
            op={test.op ?? "ge"}
            operand={test.operand}
            scope={props.scope}
            aggregate
            onOp={(op) => {
              const type = measureType(measure, field?.type ?? null);
              actions.change({ ...test, op, operand: operandFor(op, type, test.operand) });
            }}
            onOperand={(operand) => actions.change({ ...test, operand }, `${test.id}:value`)}
          />
        </>
      )}
    </div>
  );
}
