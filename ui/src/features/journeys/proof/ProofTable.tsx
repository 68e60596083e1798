/** All figures of every contact, with their intervals. */
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { useFormat } from "@/design/useFormat";
import { type Contact, type Proof, type ProofStep, writeBehind } from "./api";
import { Figure, RateFigure } from "./Figure";
import { useProofPage } from "./page";
import styles from "./proof.module.css";

const RESPONSES = ["delivered", "opened", "machine_opened", "clicked", "unsubscribed"] as const;

export function ProofTable({ proof, aim }: { proof: Proof; aim: number }) {
  const { t } = useTranslation("journeys");
  const { of } = useProofPage();
  if (proof.steps.length === 0) return null;
  const title = t(of === "send" ? "proof.tableSend" : "proof.table");
  const heads = [
    "step",
    ...(of === "journey" ? ["reached"] : []),
    "intended",
    "suppressed",
    "failed",
    "sent",
    ...RESPONSES,
  ];
  return (
    <Section title={title} aside={<Costs proof={proof} aim={aim} />}>
      <div className={styles.scroll} tabIndex={0} role="region" aria-label={title}>
        <table className={styles.table}>
          <thead>
            <tr>
              {[...heads, "success", "contactCost", "successCost"].map((name) => (
                <th key={name} scope="col">
                  {t(`proof.${name === "step" && of === "send" ? "send" : name}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {proof.steps.map((one) => (
              <Line key={one.step} proof={proof} step={one} aim={aim} />
            ))}
          </tbody>
        </table>
      </div>
      <p className={styles.note}>{t("proof.tableNote")}</p>
    </Section>
  );
}

function Line({ proof, step, aim }: { proof: Proof; step: ProofStep; aim: number }) {
  const { t } = useTranslation("journeys");
  const page = useProofPage();
  const may = proof.may_see_people;
  const title = step.title || page.name;
  const write = (name: string) => writeBehind("what", name, step.step);
  const of = (name: string) => `${title} ${t(`proof.${name}`)}`;
  return (
    <tr data-gone={step.gone || undefined}>
      <th scope="row">
        {title}
        {step.gone && <span className={styles.interval}>{t("proof.gone")}</span>}
      </th>
      {page.of === "journey" && (
        <td>
          <Figure count={step.reached} of={of("reached")} behind={write("reached")} may={may} />
        </td>
      )}
      {step.contact ? (
        <Cells contact={step.contact} step={step} aim={aim} may={may} />
      ) : (
        <td colSpan={12} />
      )}
    </tr>
  );
}

interface CellsProps {
  contact: Contact;
  step: ProofStep;
  aim: number;
  may: boolean;
}

function Cells({ contact, step, aim, may }: CellsProps) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const converted = contact.converted[aim];
  const page = useProofPage();
  const human = step.kind === "task";
  const shared = (name: string) => ({
    of: `${step.title || page.name} ${t(`proof.${name}`)}`,
    behind: writeBehind("what", name, step.step),
    may,
  });
  return (
    <>
      {(["intended", "suppressed", "failed"] as const).map((name) => (
        <td key={name}>
          <Figure count={contact[name]} {...shared(name)} />
        </td>
      ))}
      <td>
        <RateFigure rate={contact.sent} {...shared("sent")} />
      </td>
      {RESPONSES.map((name) => (
        <td key={name}>
          {human ? (
            <span className="muted">–</span>
          ) : (
            <RateFigure rate={contact[name]} {...shared(name)} />
          )}
        </td>
      ))}
      <td>
        {converted ? (
          <>
            <RateFigure
              rate={converted}
              {...shared("success")}
              behind={writeBehind("group", "step", step.step)}
            />
            {converted.open > 0 && (
              <span className={styles.interval}>{t("proof.open", { count: converted.open })}</span>
            )}
            {converted.value !== null && converted.k > 0 && (
              <span className={styles.interval}>{format.number(converted.value)}</span>
            )}
          </>
        ) : (
          <span className="muted">–</span>
        )}
      </td>
      <td>{format.money(contact.cost_per_contact, "exact")}</td>
      <td>{format.money(contact.cost_per_success[aim], "exact")}</td>
    </>
  );
}

function Costs({ proof, aim }: { proof: Proof; aim: number }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  if (proof.contacts === 0) return null;
  if (proof.cost === null) return <span className="muted">{t("proof.noCost")}</span>;
  const each = proof.cost_per_success[aim];
  return (
    <span className="muted">
      {t("proof.cost", {
        cost: format.money(proof.cost, "exact"),
        each: format.money(proof.cost_per_contact, "exact"),
      })}
      {each != null && t("proof.costEach", { each: format.money(each, "exact") })}
    </span>
  );
}
