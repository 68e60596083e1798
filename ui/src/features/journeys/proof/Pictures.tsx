/** The control group beside those treated, and each contact from intended to success. */
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { type HoldoutProof, type Proof, type ProofStep, type Rate, writeBehind } from "./api";
import { Bar, DifferenceLine, useInterval } from "./Bars";
import { Figure } from "./Figure";
import { useProofPage } from "./page";
import styles from "./proof.module.css";

interface Props {
  proof: Proof;
  aim: number;
}

export function Pictures({ proof, aim }: Props) {
  const contacts = proof.steps.filter((one) => one.contact !== null);
  return (
    <div className={styles.pictures}>
      {proof.holdouts.map((one) => (
        <Arms key={one.step} proof={proof} holdout={one} aim={aim} />
      ))}
      {proof.holdouts.length === 0 && proof.aims.length > 0 && <Entered proof={proof} aim={aim} />}
      {contacts.map((one) => (
        <Funnel key={one.step} proof={proof} step={one} aim={aim} />
      ))}
    </div>
  );
}

function Arms({ proof, holdout, aim }: Props & { holdout: HoldoutProof }) {
  const { t } = useTranslation("journeys");
  const { of } = useProofPage();
  const format = useFormat();
  const [control, treated] = [holdout.control[aim], holdout.treated[aim]];
  const apart = holdout.differences[aim];
  const top = Math.max(control?.high ?? 0, treated?.high ?? 0, 0.01) * 1.05;
  const points = (one: number) => signed(format.number(Math.abs(one) * 100, 1), one);
  return (
    <Section title={t("proof.arms")}>
      {control && treated ? (
        <>
          <Arm proof={proof} name="treated" step={holdout.step} rate={treated} top={top} />
          <Arm proof={proof} name="control" step={holdout.step} rate={control} top={top} />
        </>
      ) : (
        <p className={styles.note}>{t("proof.noAim")}</p>
      )}
      {apart && (
        <div className={styles.bar}>
          <span className={styles.barLabel}>{t("proof.difference")}</span>
          <DifferenceLine {...apart} />
          <span className={styles.barValue}>
            {t("proof.points", { value: points(apart.value) })}
            <span className={styles.interval}>
              {t("proof.between", { low: points(apart.low), high: points(apart.high) })}
            </span>
          </span>
        </div>
      )}
      {holdout.extra[aim] != null && (
        <p className={styles.note}>
          {t(of === "send" ? "proof.extraSend" : "proof.extra", {
            count: Math.round(holdout.extra[aim] ?? 0),
          })}
          {holdout.extra_cost[aim] != null &&
            t("proof.extraCost", { cost: format.money(holdout.extra_cost[aim], "exact") })}
        </p>
      )}
      {holdout.ratio && (
        <Remark tone={holdout.ratio.wrong ? "warn" : undefined}>
          {t(holdout.ratio.wrong ? "proof.ratioWrong" : "proof.ratioRight", {
            control: format.number(holdout.ratio.control),
            expected: format.number(Math.round(holdout.ratio.expected)),
            p: holdout.ratio.p < 0.001 ? "< 0.001" : `= ${format.number(holdout.ratio.p, 3)}`,
          })}
        </Remark>
      )}
    </Section>
  );
}

/** With its sign and a true minus; none for nothing. */
function signed(text: string, value: number): string {
  if (text === "0") return text;
  return `${value > 0 ? "+" : "−"}${text}`;
}

function Arm(props: {
  proof: Proof;
  name: "treated" | "control";
  step: string;
  rate: Rate;
  top: number;
}) {
  const { proof, name, step, rate, top } = props;
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const interval = useInterval();
  const label = t(`proof.arm.${name}`);
  const part = (one: number | null) => (one === null ? null : one / top);
  return (
    <Bar
      label={
        <>
          {label}
          <span className={styles.size}>
            <Figure
              count={rate.n}
              of={label}
              behind={writeBehind("what", name, step)}
              may={proof.may_see_people}
            >
              {format.count(rate.n, "people")}
            </Figure>
          </span>
        </>
      }
      at={part(rate.rate) ?? 0}
      low={part(rate.low)}
      high={part(rate.high)}
      tone={name === "control" ? "quiet" : "plain"}
    >
      <Figure
        count={rate.k}
        of={`${label} ${t("proof.success")}`}
        behind={writeBehind("group", name, step)}
        may={proof.may_see_people}
      >
        {format.percent(rate.rate)}
      </Figure>
      <span className={styles.interval}>{interval(rate.low, rate.high)}</span>
    </Bar>
  );
}

/** Without a control group: how many of those who came in had it. */
function Entered({ proof, aim }: Props) {
  const { t } = useTranslation("journeys");
  const { of } = useProofPage();
  const format = useFormat();
  const interval = useInterval();
  const rate = proof.entry[aim];
  if (!rate || rate.n === 0) return null;
  const top = Math.max(rate.high ?? 0, 0.01) * 1.05;
  return (
    <Section title={t(of === "send" ? "proof.ofSent" : "proof.ofEntered")}>
      <Bar
        label={proof.aims[aim]?.name}
        at={(rate.rate ?? 0) / top}
        low={(rate.low ?? 0) / top}
        high={(rate.high ?? 0) / top}
      >
        <Figure
          count={rate.k}
          of={t("proof.success")}
          behind={writeBehind("group", "entry")}
          may={proof.may_see_people}
        >
          {format.percent(rate.rate)}
        </Figure>
        <span className={styles.interval}>{interval(rate.low, rate.high)}</span>
      </Bar>
      <p className={styles.note}>{t(of === "send" ? "proof.noControlSend" : "proof.noControl")}</p>
    </Section>
  );
}

function Funnel({ proof, step, aim }: Props & { step: ProofStep }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { name: pageName } = useProofPage();
  const contact = step.contact;
  if (!contact) return null;
  const title = step.title || pageName;
  const whole = Math.max(1, contact.intended);
  const human = step.kind === "task";
  const rows: { name: string; rate: Rate; behind: string }[] = [
    { name: human ? "done" : "sent", rate: contact.sent, behind: write("sent") },
    ...(human
      ? []
      : (["opened", "clicked"] as const).map((name) => ({
          name,
          rate: contact[name],
          behind: write(name),
        }))),
  ];
  const converted = contact.converted[aim];
  if (converted) {
    rows.push({
      name: "success",
      rate: converted,
      behind: writeBehind("group", "step", step.step),
    });
  }
  function write(name: string) {
    return writeBehind("what", name, step.step);
  }
  return (
    <Section title={title} aside={<span className="muted">{contact.channel_label}</span>}>
      <Bar label={t("proof.intended")} at={contact.intended > 0 ? 1 : 0} tone="quiet">
        <Figure
          count={contact.intended}
          of={t("proof.intended")}
          behind={write("intended")}
          may={proof.may_see_people}
        />
      </Bar>
      {rows.map(({ name, rate, behind }) => (
        <Bar
          key={name}
          label={t(`proof.${name}`)}
          at={rate.k / whole}
          low={rate.low === null ? null : (rate.low * rate.n) / whole}
          high={rate.high === null ? null : (rate.high * rate.n) / whole}
        >
          <Figure
            count={rate.k}
            of={`${title} ${t(`proof.${name}`)}`}
            behind={behind}
            may={proof.may_see_people}
          />
          <span className={styles.interval}>{format.percent(rate.rate)}</span>
        </Bar>
      ))}
      {contact.reasons.length > 0 && (
        <ul className={styles.reasons}>
          {contact.reasons.map((one) => (
            <li key={`${one.state}:${one.code}`}>
              <span>{one.sentence}</span>
              <Figure
                count={one.people}
                of={one.sentence}
                behind={writeBehind("what", one.state, step.step, one.code)}
                may={proof.may_see_people}
              />
            </li>
          ))}
        </ul>
      )}
    </Section>
  );
}
