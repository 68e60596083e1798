/** Events one after another: what came first, what then followed (or did not), and how soon. */
import { ActionIcon, Button, UnstyledButton } from "@mantine/core";
import {
  IconArrowDown,
  IconArrowRampRight,
  IconArrowUp,
  IconPlus,
  IconX,
} from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { newStep, type Sequence, type SequenceStep } from "../model/blocks";
import { datasetOfEvent, resolve, type Scope } from "../model/catalog";
import classes from "./builder.module.css";
import { useBuilder } from "./context";
import { EventNames } from "./EventNames";
import { GroupBody } from "./GroupBody";
import { InlineSelect } from "./InlineSelect";
import { PeriodWord } from "./RowsSentence";
import { FieldWord, Particle } from "./TestSentence";
import { WithinWord } from "./WithinWord";

interface Props {
  block: Sequence;
  scope: Scope;
  depth: number;
}

export function SequenceSentence({ block, scope, depth }: Props) {
  const { t } = useTranslation("rules");
  const { actions } = useBuilder();
  const { steps } = block;
  const setSteps = (next: SequenceStep[], mark?: string) =>
    actions.change({ ...block, steps: mended(next) }, mark);
  return (
    <div className={classes.rows}>
      <div className={classes.sentence}>
        <span className={classes.kind}>
          <IconArrowRampRight size={14} aria-hidden />
          {t("sequence.kind")}
        </span>
        <PeriodWord
          during={block.during}
          onChange={(during) => actions.change({ ...block, during })}
        />
        <SameField block={block} scope={scope} />
      </div>
      <ol className={classes.steps}>
        {steps.map((step, index) => (
          <li key={step.id} className={classes.step}>
            <span className={classes.stepNumber} aria-hidden>
              {index + 1}
            </span>
            <div className={classes.content}>
              <StepSentence
                step={step}
                first={index === 0}
                scope={scope}
                depth={depth}
                onChange={(next) =>
                  setSteps(
                    steps.map((one) => (one.id === next.id ? next : one)),
                    step.id,
                  )
                }
              />
            </div>
            <StepTools
              number={index + 1}
              count={steps.length}
              onMove={(by) => setSteps(swapped(steps, index, index + by))}
              onRemove={() => setSteps(steps.filter((one) => one.id !== step.id))}
            />
          </li>
        ))}
      </ol>
      <div className={classes.adders}>
        <Button
          variant="subtle"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setSteps([...steps, { ...newStep(), within: "7d" }])}
        >
          {t("sequence.addStep")}
        </Button>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          leftSection={<IconPlus size={14} aria-hidden />}
          onClick={() => setSteps([...steps, newStep("", true)])}
        >
          {t("sequence.addAbsent")}
        </Button>
      </div>
    </div>
  );
}

/** The first step happened, whenever: it has no limit and cannot be an absence. */
function mended(steps: SequenceStep[]): SequenceStep[] {
  return steps.map((step, index) => {
    if (index === 0)
      return step.absent || step.within ? { ...step, absent: false, within: null } : step;
    return step.absent && step.within === null ? { ...step, within: "7d" } : step;
  });
}

function swapped(steps: readonly SequenceStep[], a: number, b: number): SequenceStep[] {
  const next = [...steps];
  const [one, other] = [steps[a], steps[b]];
  if (!one || !other) return next;
  next[a] = other;
  next[b] = one;
  return next;
}

function StepSentence(props: {
  step: SequenceStep;
  first: boolean;
  scope: Scope;
  depth: number;
  onChange: (step: SequenceStep) => void;
}) {
  const { t } = useTranslation("rules");
  const { catalog, locale } = useBuilder();
  const { step, first, scope, onChange } = props;
  const dataset = datasetOfEvent(catalog, scope.subject, step.names[0] ?? "*")?.name;
  const inside = dataset && { dataset, subject: scope.subject, top: false, ofEvent: true };
  const names = (
    <EventNames
      key="names"
      names={step.names}
      subject={scope.subject}
      onChange={(next) => onChange({ ...step, names: next, listed: false })}
    />
  );
  const within = !first && (
    <WithinWord
      key="within"
      within={step.within}
      required={step.absent}
      onChange={(next) => onChange({ ...step, within: next })}
    />
  );
  const happened = (
    <InlineSelect
      key="happened"
      label={t("sequence.happens")}
      value={step.absent ? "absent" : "present"}
      choices={(first ? ["present"] : ["present", "absent"]).map((one) => ({
        value: one,
        label: t(`sequence.${one}`),
      }))}
      onChange={(next) =>
        onChange({
          ...step,
          absent: next === "absent",
          within: next === "absent" ? (step.within ?? "7d") : step.within,
        })
      }
    />
  );
  return (
    <>
      <div className={classes.sentence}>
        <Particle>{t(first ? "sequence.first" : "sequence.then")}</Particle>
        {locale === "ja" ? [within, names, happened] : [happened, names, within]}
      </div>
      {inside && step.names.length > 0 && (
        <div className={classes.narrowing}>
          <GroupBody group={step.where} scope={inside} depth={props.depth + 1} narrowing />
        </div>
      )}
    </>
  );
}

function StepTools(props: {
  number: number;
  count: number;
  onMove: (by: -1 | 1) => void;
  onRemove: () => void;
}) {
  const { t } = useTranslation("rules");
  const { number, count } = props;
  return (
    <span className={classes.stepTools}>
      <ActionIcon
        size="sm"
        disabled={number === 1}
        aria-label={t("sequence.up", { number })}
        onClick={() => props.onMove(-1)}
      >
        <IconArrowUp size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="sm"
        disabled={number === count}
        aria-label={t("sequence.down", { number })}
        onClick={() => props.onMove(1)}
      >
        <IconArrowDown size={14} aria-hidden />
      </ActionIcon>
      <ActionIcon
        size="sm"
        disabled={count <= 2}
        aria-label={t("sequence.remove", { number })}
        onClick={props.onRemove}
      >
        <IconX size={14} aria-hidden />
      </ActionIcon>
    </span>
  );
}

/** Which field all the events must have in common: one order, one account. */
function SameField({ block, scope }: { block: Sequence; scope: Scope }) {
  const { t } = useTranslation("rules");
  const { catalog, actions } = useBuilder();
  const name = block.steps.find((step) => step.names.length > 0)?.names[0] ?? "*";
  const dataset = datasetOfEvent(catalog, scope.subject, name)?.name;
  if (!dataset) return null;
  const inside: Scope = { dataset, subject: scope.subject, top: false, ofEvent: true };
  if (block.same === null) {
    return (
      <Button
        variant="subtle"
        color="gray"
        size="compact-xs"
        leftSection={<IconPlus size={12} aria-hidden />}
        onClick={() => actions.change({ ...block, same: "" })}
      >
        {t("sequence.addSame")}
      </Button>
    );
  }
  return (
    <span className={classes.operand}>
      <FieldWord
        scope={inside}
        field={resolve(catalog, inside, block.same)}
        path={block.same}
        fieldsOnly
        onPick={(found) => {
          if (found.kind === "field") actions.change({ ...block, same: found.field.path });
        }}
      />
      <Particle>{t("sequence.same")}</Particle>
      <UnstyledButton
        className={classes.clear}
        aria-label={t("sequence.removeSame")}
        onClick={() => actions.change({ ...block, same: null })}
      >
        <IconX size={12} aria-hidden />
      </UnstyledButton>
    </span>
  );
}
