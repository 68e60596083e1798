/** The policy tried on the contacts of the past: a sentence first, then whom it changes. */
import { Anchor, Button, Group, Select } from "@mantine/core";
import { IconArrowRight } from "@tabler/icons-react";
import { useMutation } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { AnswerMark } from "@/features/gate/AnswerMark";
import classes from "./policies.module.css";
import type { Body, DryRun } from "./types";

const DAYS = [7, 30, 90] as const;
const FIGURES = ["examined", "stopped", "freed", "otherwise", "persons"] as const;

interface Props {
  policy: string;
  body: Body;
  /** The policy has faults: it cannot be tried. */
  blocked: boolean;
}

export function DryRunSection({ policy, body, blocked }: Props) {
  const { t } = useTranslation("policies");
  const [days, setDays] = useState("30");
  const run = useMutation({
    mutationFn: () =>
      call<DryRun>("POST", `/api/policies/${policy}/dry-run`, {
        body: { body, days: Number(days) },
      }),
  });
  return (
    <Section title={t("section.dryRun")}>
      <p className={classes.hint}>{t("dryRun.lead")}</p>
      <Group gap="sm" mb="sm">
        <Select
          size="xs"
          w={140}
          aria-label={t("dryRun.days")}
          allowDeselect={false}
          value={days}
          data={DAYS.map((one) => ({
            value: String(one),
            label: t("dryRun.last", { count: one }),
          }))}
          onChange={(value) => value && setDays(value)}
        />
        <Button
          size="xs"
          variant="default"
          loading={run.isPending}
          disabled={blocked}
          onClick={() => run.mutate()}
        >
          {t("dryRun.run")}
        </Button>
      </Group>
      {run.isPending && <Loading lines={[70, 90]} />}
      {run.error && <ErrorState error={run.error} inline />}
      <div aria-live="polite">{run.data && !run.isPending && <Found run={run.data} />}</div>
    </Section>
  );
}

function Found({ run }: { run: DryRun }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  return (
    <>
      <p className={classes.verdict}>{run.sentence}</p>
      {run.note && <p className={classes.hint}>{run.note}</p>}
      {run.examined > 0 && (
        <dl className={classes.figures}>
          {FIGURES.map((name) => (
            <div key={name}>
              <dt>{t(`dryRun.figure.${name}`)}</dt>
              <dd>{format.count(run[name], name === "persons" ? "people" : "items")}</dd>
            </div>
          ))}
        </dl>
      )}
      {run.reasons.length > 0 && (
        <table className={classes.table}>
          <thead>
            <tr>
              <th scope="col">{t("dryRun.reason")}</th>
              <th scope="col" className={classes.number}>
                {t("dryRun.count")}
              </th>
            </tr>
          </thead>
          <tbody>
            {run.reasons.map((one) => (
              <tr key={one.code}>
                <td>{one.label}</td>
                <td className={classes.number}>{format.count(one.count, "items")}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      {run.rows.length > 0 && <Rows rows={run.rows} />}
    </>
  );
}

const FEW = 10;

/** The contacts that would have been decided otherwise, the newest first. */
function Rows({ rows }: { rows: DryRun["rows"] }) {
  const { t } = useTranslation("policies");
  const format = useFormat();
  const [all, setAll] = useState(false);
  return (
    <>
      <div className={classes.label}>{t("dryRun.people")}</div>
      <section className={classes.scroll} tabIndex={0} aria-label={t("dryRun.people")}>
        <table className={classes.table}>
          <tbody>
            {(all ? rows : rows.slice(0, FEW)).map((one) => (
              <tr key={`${one.person_id}:${one.at}:${one.channel}`}>
                <th scope="row">
                  <TextLink to={`/customers/${one.person_id}` as string} size="sm">
                    {one.display}
                  </TextLink>
                </th>
                <td>{format.dateTime(one.at)}</td>
                <td>
                  {t(`gate:channel.${one.channel}`)}
                  {t("dot")}
                  {one.purpose_label}
                </td>
                <td>
                  <span className={classes.turn}>
                    <AnswerMark decision={{ answer: one.before, until: null }} />
                    <IconArrowRight size={14} aria-label={t("dryRun.becomes")} />
                    <AnswerMark decision={{ answer: one.after, until: null }} />
                  </span>
                </td>
                <td>{one.reasons.join(t("comma"))}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </section>
      {rows.length > FEW && (
        <Anchor component="button" type="button" size="sm" onClick={() => setAll(!all)}>
          {all ? t("gate:fewer") : t("dryRun.all", { count: rows.length })}
        </Anchor>
      )}
    </>
  );
}
