/** May we contact this person: every purpose on every channel, now, with the reason in words. */
import { UnstyledButton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { AnswerMark } from "./AnswerMark";
import { DecisionReasons } from "./DecisionReasons";
import { matrixQuery } from "./data";
import classes from "./gate.module.css";
import type { Channel, Matrix } from "./types";

interface Chosen {
  purpose: string;
  channel: Channel;
}

export function GateMatrix({ personId }: { personId: string }) {
  const { t } = useTranslation("gate");
  const matrix = useQuery(matrixQuery(personId));
  return (
    <Section title={t("matrix.title")}>
      <Ready query={matrix} lines={[90, 90, 90]}>
        {(found) => <Table matrix={found} />}
      </Ready>
    </Section>
  );
}

function Table({ matrix }: { matrix: Matrix }) {
  const { t } = useTranslation("gate");
  const [chosen, setChosen] = useState<Chosen | null>(null);
  const row = matrix.purposes.find((one) => one.purpose === chosen?.purpose);
  const answer = row?.answers.find((one) => one.channel === chosen?.channel);
  return (
    <>
      <section className={classes.scroll} tabIndex={0} aria-label={t("matrix.title")}>
        <table className={classes.matrix}>
          <thead>
            <tr>
              <th scope="col">{t("matrix.purpose")}</th>
              {matrix.channels.map((channel) => (
                <th key={channel} scope="col">
                  {t(`channel.${channel}`)}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {matrix.purposes.map((purpose) => (
              <tr key={purpose.purpose}>
                <th scope="row">
                  {purpose.label}
                  {purpose.label !== t(`class.${purpose.purpose_class}`) && (
                    <span className={classes.about}>{t(`class.${purpose.purpose_class}`)}</span>
                  )}
                </th>
                {purpose.answers.map((one) => {
                  const here =
                    chosen?.purpose === purpose.purpose && chosen.channel === one.channel;
                  const mark = <AnswerMark decision={one.decision} short />;
                  return (
                    <td key={one.channel} data-here={here || undefined}>
                      {one.decision.reasons.length === 0 ? (
                        mark
                      ) : (
                        <UnstyledButton
                          className={classes.cell}
                          aria-pressed={here}
                          title={one.decision.sentence}
                          onClick={() =>
                            setChosen(
                              here ? null : { purpose: purpose.purpose, channel: one.channel },
                            )
                          }
                        >
                          {mark}
                        </UnstyledButton>
                      )}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      <div aria-live="polite">
        {row && answer && (
          <div className={classes.why}>
            <div>
              {t("matrix.of", { purpose: row.label, channel: t(`channel.${answer.channel}`) })}{" "}
              <AnswerMark decision={answer.decision} />
            </div>
            <DecisionReasons decision={answer.decision} />
          </div>
        )}
        {!answer && <p className={classes.quiet}>{t("matrix.hint")}</p>}
      </div>
    </>
  );
}
