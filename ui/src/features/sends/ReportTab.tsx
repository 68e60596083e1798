/** What became of a send: everybody in one state with a reason, and what came back. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { Interval } from "./Interval";
import type { Shown } from "./routes";
import { StateBar, Swatch } from "./StateBar";
import classes from "./sends.module.css";
import { DELIVERY_STATES, type DeliveryState, type Report, type SendDetail } from "./types";

interface Props {
  send: SendDetail;
  report: Report;
  onPeople: (state: Shown, reason?: string) => void;
}

export function ReportTab({ send, report, onPeople }: Props) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { counts } = report;
  const missed = counts.failed + counts.suppressed + counts.unknown;
  return (
    <>
      {!report.whole && (
        <div className={classes.notices}>
          <Remark>{t("report.part_only")}</Remark>
        </div>
      )}
      {counts.unknown > 0 && (
        <div className={classes.notices}>
          <Remark tone="warn">
            {t("report.unknown", { people: format.count(counts.unknown, "people") })}{" "}
            <Button variant="subtle" size="compact-sm" onClick={() => onPeople("unknown")}>
              {t("report.unknownLook")}
            </Button>
          </Remark>
        </div>
      )}
      <div className={classes.report}>
        <div className={classes.column}>
          <Section
            title={t("report.everybody")}
            aside={
              missed > 0 && (
                <Button variant="default" size="xs" onClick={() => onPeople("missed")}>
                  {t("report.missed", { people: format.count(missed, "people") })}
                </Button>
              )
            }
          >
            {counts.intended === 0 ? (
              <p className="muted">{t("report.nobody")}</p>
            ) : (
              <>
                <p className={classes.sentence}>
                  {t("report.sentence", {
                    intended: format.count(counts.intended, "people"),
                    sent: format.count(counts.sent, "people"),
                    share: format.percent(counts.sent / counts.intended),
                  })}
                </p>
                <StateBar counts={counts} />
                <States report={report} onPeople={onPeople} />
              </>
            )}
          </Section>
          <div className={classes.last}>
            <About send={send} report={report} />
          </div>
        </div>
        <div className={classes.column}>
          <Responses report={report} />
        </div>
      </div>
    </>
  );
}

function States({ report, onPeople }: Pick<Props, "report" | "onPeople">) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const { counts, stopped } = report;
  return (
    <table className={classes.states}>
      <thead>
        <tr>
          <th scope="col">{t("report.state")}</th>
          <th scope="col" data-end>
            {t("report.people")}
          </th>
          <th scope="col" data-end>
            {t("report.share")}
          </th>
        </tr>
      </thead>
      {DELIVERY_STATES.filter((state) => counts[state] > 0).map((state) => (
        <tbody key={state}>
          <tr>
            <th scope="row">
              <Swatch state={state} />
              <Go onClick={() => onPeople(state)}>{t(`delivery.${state}`)}</Go>
            </th>
            <td data-end>{format.count(counts[state], "people")}</td>
            <td data-end>{format.percent(counts[state] / counts.intended)}</td>
          </tr>
          {reasonsOf(report, state).map((one) => (
            <tr key={one.code} className={classes.reason}>
              <th scope="row">
                <Go onClick={() => onPeople(state, one.code)}>{one.sentence}</Go>
              </th>
              <td data-end>{format.count(one.people, "people")}</td>
              <td data-end>{format.percent(one.people / counts.intended)}</td>
            </tr>
          ))}
        </tbody>
      ))}
      {stopped.length > 0 && <caption className={classes.heard}>{t("report.everybody")}</caption>}
    </table>
  );
}

function reasonsOf(report: Report, state: DeliveryState) {
  return report.stopped.filter((one) => one.state === state && one.code !== "");
}

/** A word of the table that leads to its people. */
function Go({ onClick, children }: { onClick: () => void; children: React.ReactNode }) {
  return (
    <button type="button" className={classes.go} onClick={onClick}>
      {children}
    </button>
  );
}

const RESPONSES = [
  "delivered",
  "opened",
  "clicked",
  "replied",
  "bounced",
  "complained",
  "unsubscribed",
] as const;

function Responses({ report }: { report: Report }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  if (report.counts.sent === 0) return null;
  return (
    <Section
      title={t("responses.title")}
      aside={
        <span className="muted">
          {t("responses.of", { people: format.count(report.counts.sent, "people") })}
        </span>
      }
    >
      <table className={classes.states}>
        <thead>
          <tr>
            <th scope="col">{t("responses.what")}</th>
            <th scope="col" data-end>
              {t("report.people")}
            </th>
            <th scope="col" data-end>
              {t("responses.rate")}
            </th>
            <th scope="col">{t("responses.interval")}</th>
          </tr>
        </thead>
        <tbody>
          {RESPONSES.map((name) => {
            const rate = report[name];
            // Plain SMTP tells of no arrivals: no word of them is not 0 %.
            if (name === "delivered" && rate.k === 0) return null;
            return (
              <tr key={name}>
                <th scope="row">{t(`responses.${name}`)}</th>
                <td data-end>{format.count(rate.k, "people")}</td>
                <td data-end>{format.percent(rate.rate)}</td>
                <td>
                  <Interval rate={rate} />
                </td>
              </tr>
            );
          })}
        </tbody>
      </table>
      {report.machine_opened > 0 && (
        <p className={classes.hint}>
          {t("responses.machine", { people: format.count(report.machine_opened, "people") })}
        </p>
      )}
      <p className={classes.hint}>{t("responses.intervalText")}</p>
    </Section>
  );
}

function About({ send, report }: Pick<Props, "send" | "report">) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  return (
    <Section title={t("about_title")}>
      <Facts
        facts={[
          {
            label: t("about_template"),
            value: (
              <TextLink to="/messages/templates/$slug" params={{ slug: send.template }}>
                {send.template_name || send.template}
              </TextLink>
            ),
          },
          { label: t("about_begun"), value: format.dateTime(report.begun_at) },
          { label: t("about_finished"), value: format.dateTime(report.finished_at) },
          ...(report.cost === null
            ? []
            : [{ label: t("about_cost"), value: format.money(report.cost, "exact") }]),
          { label: t("about_made"), value: send.created_by.name },
          ...(send.dispatched_by
            ? [
                {
                  label: t("about_let"),
                  value: send.dispatched_by.name,
                  note: format.dateTime(send.dispatched_at),
                },
              ]
            : []),
        ]}
      />
    </Section>
  );
}
