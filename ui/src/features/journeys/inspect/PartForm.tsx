/** What holds of the whole journey: who comes in, the goal, exits, holds, what counts as success. */
import { ActionIcon, Button, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import { EntryForm } from "../forms/EntryForm";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { NextSelect } from "../forms/NextSelect";
import { Choose, EventFieldPick, EventsPick } from "../forms/Picks";
import { RuleField } from "../forms/RuleField";
import { SignalForm, WhereField } from "../forms/SignalForm";
import { SpanInput } from "../forms/SpanInput";
import { type PartId, wordsFor } from "../model/faults";
import { emptyRule, freshEntry, freshSignal } from "../model/fresh";
import {
  type Body,
  type Conversion,
  DEFAULT_HOLDS,
  ENTRY,
  HOLD_ANSWERS,
  HOLD_KINDS,
  type HoldAnswer,
  type HoldKind,
  type Reentry,
  type Signal,
} from "../model/graph";

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

interface ItemsProps<T> {
  items: readonly T[];
  onChange: (items: T[], mark?: string) => void;
  fresh: () => T;
  add: string;
  title: (number: number) => string;
  most: number;
  children: (item: T, set: (item: T) => void, at: number) => ReactNode;
}

/** A list of like things, each with a way out. */
function Items<T>({ items, onChange, fresh, add, title, most, children }: ItemsProps<T>) {
  const { t } = useTranslation("journeys");
  const { readOnly } = useEditing();
  return (
    <>
      {items.map((item, at) => (
        <section key={at} className={styles.item} aria-label={title(at + 1)}>
          <header className={styles.itemHead}>
            <span>{title(at + 1)}</span>
            {!readOnly && (
              <ActionIcon
                aria-label={t("form.remove", { name: title(at + 1) })}
                onClick={() => onChange(items.filter((_, index) => index !== at))}
              >
                <IconX size={15} aria-hidden />
              </ActionIcon>
            )}
          </header>
          {children(
            item,
            (next) =>
              onChange(
                items.map((old, index) => (index === at ? next : old)),
                `item${at}`,
              ),
            at,
          )}
        </section>
      ))}
      {!readOnly && items.length < most && (
        <div>
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => onChange([...items, fresh()])}
          >
            {add}
          </Button>
        </div>
      )}
    </>
  );
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

const COST_CHANNELS = ["email", "sms", "line", "push", "webhook", "person"] as const;

export function MeasurePart() {
  const { t } = useTranslation("journeys");
  const { body, change, readOnly, faults } = useEditing();
  return (
    <Stack gap="md">
      <p className={styles.hint}>{t("part.measureHelp")}</p>
      <Items<Conversion>
        items={body.conversions}
        most={10}
        fresh={() => ({
          name: { ja: "", en: "" },
          event: [],
          where: null,
          window: "14d",
          value: "",
        })}
        add={t("form.addConversion")}
        title={(number) => t("form.conversion", { number })}
        onChange={(conversions, mark) => change({ ...body, conversions }, mark && `conv:${mark}`)}
      >
        {(one, set, at) => (
          <>
            <div className={styles.row}>
              {(["ja", "en"] as const).map((language) => (
                <TextInput
                  key={language}
                  className={styles.grow}
                  label={t(`form.label_${language}`)}
                  maxLength={200}
                  value={one.name[language]}
                  onChange={(event) =>
                    set({ ...one, name: { ...one.name, [language]: event.currentTarget.value } })
                  }
                />
              ))}
            </div>
            <EventsPick
              label={t("form.events")}
              value={one.event}
              error={wordsFor(faults, `conversions[${at}].event`)}
              onChange={(event) => set({ ...one, event })}
            />
            <WhereField
              field={`conversions[${at}].where`}
              where={one.where}
              events={one.event}
              readOnly={readOnly}
              onChange={(where) => set({ ...one, where })}
            />
            <SpanInput
              label={t("form.window")}
              value={one.window}
              onChange={(window) => set({ ...one, window })}
            />
            <EventFieldPick
              label={t("form.value")}
              description={t("form.valueHelp")}
              events={one.event}
              value={one.value}
              onChange={(value) => set({ ...one, value })}
            />
          </>
        )}
      </Items>
      <section className={styles.group}>
        <h3 className={styles.groupTitle}>{t("form.cost")}</h3>
        <div className={styles.row}>
          {COST_CHANNELS.map((channel) => (
            <NumberInput
              key={channel}
              size="xs"
              w={116}
              min={0}
              decimalScale={2}
              label={t(`channel.${channel}`)}
              value={body.cost[channel] ?? ""}
              onChange={(value) => {
                const { [channel]: _, ...rest } = body.cost;
                const cost = value === "" ? rest : { ...rest, [channel]: Number(value) };
                change({ ...body, cost }, `cost:${channel}`);
              }}
            />
          ))}
        </div>
      </section>
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
