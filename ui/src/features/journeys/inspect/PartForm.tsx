/** What holds of the whole journey: who comes in, the goal, exits, holds, what counts as success. */
import { Button, Select, Stack } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { EntryForm } from "../forms/EntryForm";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { NextSelect } from "../forms/NextSelect";
import { Choose } from "../forms/Picks";
import { RuleField } from "../forms/RuleField";
import { SignalForm } from "../forms/SignalForm";
import { SpanInput } from "../forms/SpanInput";
import { type PartId, wordsFor } from "../model/faults";
import { emptyRule, freshEntry, freshSignal } from "../model/fresh";
import {
  type Body,
  DEFAULT_HOLDS,
  ENTRY,
  HOLD_ANSWERS,
  HOLD_KINDS,
  type HoldAnswer,
  type HoldKind,
  type Reentry,
  type Signal,
} from "../model/graph";
import { Items } from "./Items";
import { MeasurePart } from "./MeasurePart";

export function PartForm({ part }: { part: PartId }) {
  switch (part) {
    case ENTRY:
      return <EntryPart />;
    case "_goal":
      return <GoalPart />;
    case "_exits":
      return <ExitsPart />;
    case "_holds":
      return <HoldsPart />;
    case "_measure":
      return <MeasurePart />;
    case "_about":
      return <AboutPart />;
  }
}

const REENTRY = ["never", "after_exit", "after", "per_key"] as const;

function EntryPart() {
  const { t } = useTranslation("journeys");
  const { body, change, readOnly } = useEditing();
  const { reentry } = body;
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.entryHelp")}</p>
      <Items
        items={body.entries}
        most={10}
        fresh={() => freshEntry("segment")}
        add={t("form.addEntry")}
        title={(number) => t("form.entry", { number })}
        onChange={(entries, mark) => change({ ...body, entries }, mark && `entries:${mark}`)}
      >
        {(entry, set, at) => <EntryForm at={`entries[${at}]`} value={entry} onChange={set} />}
      </Items>
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.audience")}</h3>
        {body.audience === null ? (
          <>
            <p className={styles.hint}>{t("form.noAudience")}</p>
            {!readOnly && (
              <div>
                <Button
                  variant="light"
                  size="compact-sm"
                  leftSection={<IconPlus size={14} aria-hidden />}
                  onClick={() => change({ ...body, audience: emptyRule() })}
                >
                  {t("form.addAudience")}
                </Button>
              </div>
            )}
          </>
        ) : (
          <>
            <RuleField
              label={t("form.audienceRule")}
              field="audience"
              value={body.audience}
              onChange={(audience) => change({ ...body, audience }, "audience")}
            />
            {!readOnly && (
              <div>
                <Button
                  variant="subtle"
                  color="gray"
                  size="compact-sm"
                  onClick={() => change({ ...body, audience: null })}
                >
                  {t("form.removeAudience")}
                </Button>
              </div>
            )}
          </>
        )}
      </section>
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.reentry")}</h3>
        <Select
          aria-label={t("form.reentry")}
          allowDeselect={false}
          value={reentry.kind}
          data={REENTRY.map((kind) => ({ value: kind, label: t(`reentry.${kind}`) }))}
          onChange={(kind) =>
            kind &&
            change({
              ...body,
              reentry: {
                kind: kind as Reentry["kind"],
                after: kind === "after" ? (reentry.after ?? "30d") : null,
              },
            })
          }
        />
        {reentry.kind === "after" && (
          <SpanInput
            label={t("form.reentryAfter")}
            value={reentry.after ?? "30d"}
            onChange={(after) => change({ ...body, reentry: { ...reentry, after } }, "reentry")}
          />
        )}
      </section>
      <section className={styles.group}>
        <NextSelect from={ENTRY} way="next" to={body.start} label={t("form.start")} />
      </section>
    </Stack>
  );
}

function Signals(props: {
  at: string;
  signals: readonly Signal[];
  onChange: (signals: Signal[], mark?: string) => void;
  add: string;
}) {
  const { t } = useTranslation("journeys");
  return (
    <Items
      items={props.signals}
      most={20}
      fresh={() => freshSignal("event") as Signal}
      add={props.add}
      title={(number) => t("form.signalNo", { number })}
      onChange={props.onChange}
    >
      {(signal, set, at) => (
        <SignalForm<Signal> at={`${props.at}[${at}]`} value={signal} onChange={set} />
      )}
    </Items>
  );
}

function GoalPart() {
  const { t } = useTranslation("journeys");
  const { body, change } = useEditing();
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.goalHelp")}</p>
      <Signals
        at="goal.signals"
        signals={body.goal.signals}
        add={t("form.addGoal")}
        onChange={(signals, mark) => change({ ...body, goal: { signals } }, mark && `goal:${mark}`)}
      />
    </Stack>
  );
}

function ExitsPart() {
  const { t } = useTranslation("journeys");
  const { body, change } = useEditing();
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.exitsHelp")}</p>
      <Signals
        at="exits"
        signals={body.exits}
        add={t("form.addExit")}
        onChange={(exits, mark) => change({ ...body, exits }, mark && `exits:${mark}`)}
      />
    </Stack>
  );
}

function HoldsPart() {
  const { t } = useTranslation("journeys");
  const { body, change } = useEditing();
  const set = (kind: HoldKind, answer: HoldAnswer) => {
    const holds = { ...body.holds, [kind]: answer };
    if (answer === DEFAULT_HOLDS[kind]) delete holds[kind];
    change({ ...body, holds });
  };
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.holdsHelp")}</p>
      {HOLD_KINDS.map((kind) => (
        <Select
          key={kind}
          label={t(`hold.${kind}`)}
          allowDeselect={false}
          value={body.holds[kind] ?? DEFAULT_HOLDS[kind]}
          data={HOLD_ANSWERS.map((answer) => ({
            value: answer,
            label: `${t(`holdAnswer.${answer}`)}${
              answer === DEFAULT_HOLDS[kind] ? t("form.default") : ""
            }`,
          }))}
          onChange={(answer) => answer && set(kind, answer as HoldAnswer)}
        />
      ))}
    </Stack>
  );
}

function AboutPart() {
  const { t } = useTranslation("journeys");
  const { body, change, choices, faults } = useEditing();
  const set = (part: Partial<Body>) => change({ ...body, ...part });
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.aboutHelp")}</p>
      <Choose
        label={t("form.purpose")}
        description={t("form.purposeHelp")}
        known={choices?.purposes ?? []}
        value={body.purpose}
        error={wordsFor(faults, "purpose")}
        onChange={(purpose) => set({ purpose })}
      />
      {(choices?.products.length ?? 0) > 0 && (
        <Choose
          label={t("form.product")}
          known={choices?.products ?? []}
          clearable
          placeholder={t("form.none")}
          value={body.product}
          error={wordsFor(faults, "product")}
          onChange={(product) => set({ product })}
        />
      )}
    </Stack>
  );
}
