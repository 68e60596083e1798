/** Where ways part: by rules, by chance, and for the control group. */
import { ActionIcon, Button, NumberInput, TextInput } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconPlus, IconX } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useEditing } from "../forms/editing";
import styles from "../forms/forms.module.css";
import { NextSelect } from "../forms/NextSelect";
import { RuleField } from "../forms/RuleField";
import { wordsFor } from "../model/faults";
import { freshArm, freshShare } from "../model/fresh";
import type { Branch, Holdout, Split, Step, Words2 } from "../model/graph";
import type { FormProps } from "./StepForm";

const MOST = 10;

export function PartingForm({ id, step, onChange }: FormProps<Step>) {
  if (step.kind === "branch") return <BranchForm id={id} step={step} onChange={onChange} />;
  if (step.kind === "split") return <SplitForm id={id} step={step} onChange={onChange} />;
  if (step.kind === "holdout") return <HoldoutForm id={id} step={step} onChange={onChange} />;
  return null;
}

function replaced<T>(list: readonly T[], at: number, one: T): T[] {
  return list.map((old, index) => (index === at ? one : old));
}

/** Both languages of a short label. */
function LabelInputs(props: { value: Words2; onChange: (value: Words2) => void }) {
  const { value, onChange } = props;
  const { t } = useTranslation("journeys");
  return (
    <div className={styles.row}>
      {(["ja", "en"] as const).map((language) => (
        <TextInput
          key={language}
          className={styles.grow}
          size="xs"
          label={t(`form.label_${language}`)}
          maxLength={200}
          value={value[language]}
          onChange={(event) => onChange({ ...value, [language]: event.currentTarget.value })}
        />
      ))}
    </div>
  );
}

function BranchForm({ id, step, onChange }: FormProps<Branch>) {
  const { t } = useTranslation("journeys");
  const { readOnly } = useEditing();
  const { arms } = step;
  const set = (next: Branch["arms"], mark?: string) => onChange({ ...step, arms: next }, mark);
  const swap = (a: number, b: number) => {
    const [one, other] = [arms[a], arms[b]];
    if (one && other) set(replaced(replaced(arms, a, other), b, one));
  };
  return (
    <>
      <p className={styles.hint}>{t("form.armsHelp")}</p>
      {arms.map((arm, at) => (
        <section key={at} className={styles.item} aria-label={t("way.arm", { number: at + 1 })}>
          <header className={styles.itemHead}>
            <span>{t("way.arm", { number: at + 1 })}</span>
            {!readOnly && (
              <span>
                <ActionIcon
                  aria-label={t("form.up")}
                  disabled={at === 0}
                  onClick={() => swap(at, at - 1)}
                >
                  <IconArrowUp size={15} aria-hidden />
                </ActionIcon>
                <ActionIcon
                  aria-label={t("form.down")}
                  disabled={at === arms.length - 1}
                  onClick={() => swap(at, at + 1)}
                >
                  <IconArrowDown size={15} aria-hidden />
                </ActionIcon>
                <ActionIcon
                  aria-label={t("form.removeArm", { number: at + 1 })}
                  disabled={arms.length === 1}
                  onClick={() => set(arms.filter((_, index) => index !== at))}
                >
                  <IconX size={15} aria-hidden />
                </ActionIcon>
              </span>
            )}
          </header>
          <LabelInputs
            value={arm.label}
            onChange={(label) => set(replaced(arms, at, { ...arm, label }), `arm${at}.label`)}
          />
          <RuleField
            label={t("form.rule")}
            field={`arms[${at}].rule`}
            value={arm.rule}
            onChange={(rule) => set(replaced(arms, at, { ...arm, rule }), `arm${at}.rule`)}
          />
          <NextSelect from={id} way={`arm:${at}`} to={arm.next} label={t("way.armNext")} />
        </section>
      ))}
      {!readOnly && arms.length < MOST && (
        <div>
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={() => set([...arms, freshArm()])}
          >
            {t("form.addArm")}
          </Button>
        </div>
      )}
    </>
  );
}

const LETTER_A = 65;

function SplitForm({ id, step, onChange }: FormProps<Split>) {
  const { t } = useTranslation("journeys");
  const { readOnly, faults } = useEditing();
  const { shares } = step;
  const set = (next: Split["shares"], mark?: string) => onChange({ ...step, shares: next }, mark);
  const total = shares.reduce((sum, share) => sum + share.percent, 0);
  const even = () => {
    const each = Math.floor(100 / shares.length);
    const first = 100 - each * (shares.length - 1);
    set(shares.map((share, at) => ({ ...share, percent: at === 0 ? first : each })));
  };
  return (
    <>
      {shares.map((share, at) => (
        <section key={at} className={styles.item} aria-label={t("form.share", { number: at + 1 })}>
          <header className={styles.itemHead}>
            <NumberInput
              size="xs"
              w={110}
              min={0}
              max={100}
              suffix="%"
              aria-label={t("form.percentOf", { number: at + 1 })}
              value={share.percent}
              onChange={(percent) =>
                set(replaced(shares, at, { ...share, percent: Number(percent) }), `share${at}`)
              }
            />
            {!readOnly && (
              <ActionIcon
                aria-label={t("form.removeShare", { number: at + 1 })}
                disabled={shares.length <= 2}
                onClick={() => set(shares.filter((_, index) => index !== at))}
              >
                <IconX size={15} aria-hidden />
              </ActionIcon>
            )}
          </header>
          <LabelInputs
            value={share.label}
            onChange={(label) => set(replaced(shares, at, { ...share, label }), `share${at}.label`)}
          />
          <NextSelect from={id} way={`share:${at}`} to={share.next} label={t("way.shareNext")} />
        </section>
      ))}
      <div className={styles.itemHead}>
        <span className={styles.total} data-wrong={total !== 100 || undefined}>
          {t("form.total", { total })} {wordsFor(faults, "shares")}
        </span>
        {!readOnly && (
          <span className={styles.row}>
            <Button variant="subtle" size="compact-sm" onClick={even}>
              {t("form.even")}
            </Button>
            {shares.length < MOST && (
              <Button
                variant="light"
                size="compact-sm"
                leftSection={<IconPlus size={14} aria-hidden />}
                onClick={() =>
                  set([...shares, freshShare(String.fromCharCode(LETTER_A + shares.length), 0)])
                }
              >
                {t("form.addShare")}
              </Button>
            )}
          </span>
        )}
      </div>
      <SaltInput value={step.salt} onChange={(salt) => onChange({ ...step, salt }, "salt")} />
    </>
  );
}

function HoldoutForm({ step, onChange }: FormProps<Holdout>) {
  const { t } = useTranslation("journeys");
  const { faults } = useEditing();
  return (
    <>
      <NumberInput
        w={160}
        label={t("form.holdout")}
        min={0}
        max={100}
        suffix="%"
        value={step.percent}
        error={wordsFor(faults, "percent")}
        onChange={(percent) => onChange({ ...step, percent: Number(percent) }, "percent")}
      />
      <SaltInput value={step.salt} onChange={(salt) => onChange({ ...step, salt }, "salt")} />
    </>
  );
}

function SaltInput(props: { value: string; onChange: (value: string) => void }) {
  const { t } = useTranslation("journeys");
  return (
    <TextInput
      label={t("form.salt")}
      description={t("form.saltHelp")}
      maxLength={80}
      value={props.value}
      onChange={(event) => props.onChange(event.currentTarget.value)}
    />
  );
}
