/** What came of a list: first a sentence, then the picture, then the table. */
import { SegmentedControl } from "@mantine/core";
import { queryOptions, useQuery } from "@tanstack/react-query";
import { useNavigate, useParams, useSearch } from "@tanstack/react-router";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { TextLink } from "@/design/Link";
import { Page, Section } from "@/design/Page";
import { Empty, Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { listQuery } from "../lists/api";
import type { FunnelRow, Stage, Tracking } from "../lists/types";
import { PeoplePanel } from "./PeoplePanel";
import { STAGES, shares, weakest } from "./rates";
import classes from "./tracking.module.css";

export const ROUTE = "/frame/lists/$id/tracking" as const;

const trackingQuery = (list: string, by: Tracking["by"]) =>
  queryOptions({
    queryKey: ["tracking", list, by],
    queryFn: ({ signal }) =>
      call<Tracking>("GET", `/api/lists/${list}/tracking`, { query: { by }, signal }),
  });

export function TrackingPage() {
  const { t } = useTranslation("tracking");
  const { id } = useParams({ from: ROUTE });
  const { by = "assignee", stage, key } = useSearch({ from: ROUTE });
  const navigate = useNavigate({ from: "/lists/$id/tracking" });
  const list = useQuery(listQuery(id));
  const query = useQuery(trackingQuery(id, by));
  const open = (next: Stage, row?: string) =>
    void navigate({ search: (before) => ({ ...before, stage: next, key: row }) });
  return (
    <Page
      title={t("title")}
      above={
        <TextLink to="/lists/$id" params={{ id: id }}>
          {list.data?.name ?? t("list")}
        </TextLink>
      }
      lead={query.data && <Sentence tracking={query.data} />}
    >
      <Ready query={query} lines={[60, 90, 90, 90]}>
        {(tracking) =>
          tracking.total.attempted === 0 && (tracking.total.members ?? 0) === 0 ? (
            <Empty title={t("empty.title")}>{t("empty.text")}</Empty>
          ) : (
            <>
              <div className={classes.two}>
                <Section title={t("funnel")}>
                  <Funnel row={tracking.total} onOpen={(one) => open(one)} />
                </Section>
                <Section title={t("outcomes")}>
                  <Outcomes tracking={tracking} />
                </Section>
              </div>
              <Section
                title={t("table.title")}
                aside={
                  <SegmentedControl
                    size="sm"
                    aria-label={t("by.label")}
                    value={by}
                    data={(["assignee", "branch", "day"] as const).map((one) => ({
                      value: one,
                      label: t(`by.${one}`),
                    }))}
                    onChange={(next) =>
                      void navigate({
                        search: { by: next as Tracking["by"], stage: undefined, key: undefined },
                      })
                    }
                  />
                }
              >
                <Table tracking={tracking} onOpen={open} />
              </Section>
            </>
          )
        }
      </Ready>
      {stage && (
        <PeoplePanel
          list={id}
          by={by}
          stage={stage}
          rowKey={key}
          label={query.data?.rows.find((row) => row.key === key)?.label}
          onClose={() =>
            void navigate({ search: (before) => ({ ...before, stage: undefined, key: undefined }) })
          }
        />
      )}
    </Page>
  );
}

/** The state of the list in one or two sentences. */
function Sentence({ tracking }: { tracking: Tracking }) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  const { total } = tracking;
  const members = total.members ?? 0;
  if (total.attempted === 0)
    return t("sentence.none", { members: format.count(members, "people") });
  const lost = weakest(total);
  return (
    <>
      {t("sentence.main", {
        members: format.count(members, "people"),
        attempted: format.count(total.attempted, "people"),
        reached: format.count(total.reached, "people"),
        won: format.count(total.won, "people"),
        rate: format.percent(total.reached > 0 ? total.won / total.reached : null),
      })}
      {lost && ` ${t(`sentence.lost.${lost}`)}`}
    </>
  );
}

function Funnel({ row, onOpen }: { row: FunnelRow; onOpen: (stage: Stage) => void }) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  return (
    <ol className={classes.funnel}>
      {shares(row).map((one) => (
        <li key={one.stage} className={classes.stage}>
          <span className={classes.stageName}>{t(`stage.${one.stage}`)}</span>
          <span className={classes.track} aria-hidden>
            <span
              className={classes.fill}
              data-stage={one.stage}
              style={{ width: `${(one.ofAll ?? 0) * 100}%` }}
            />
          </span>
          <People
            value={one.people}
            onOpen={() => onOpen(one.stage)}
            label={t(`stage.${one.stage}`)}
          />
          <span className={classes.rate}>
            {one.ofBefore === null ? "" : t("ofBefore", { rate: format.percent(one.ofBefore) })}
          </span>
        </li>
      ))}
    </ol>
  );
}

/** A number that opens its people. */
function People(props: { value: number | null; onOpen: () => void; label: string }) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  if (props.value === null) return <span className="muted">–</span>;
  const text = format.count(props.value, "people");
  if (props.value === 0) return <span className="muted">{text}</span>;
  return (
    <button
      type="button"
      className={classes.number}
      aria-label={t("openPeople", { what: props.label, people: text })}
      onClick={props.onOpen}
    >
      {text}
    </button>
  );
}

function Outcomes({ tracking }: { tracking: Tracking }) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  const most = Math.max(1, ...tracking.outcomes.map((one) => one.engagements));
  if (tracking.outcomes.every((one) => one.engagements === 0)) {
    return <p className="muted">{t("noOutcomes")}</p>;
  }
  return (
    <div>
      <ul className={classes.bars}>
        {tracking.outcomes.map((one) => (
          <li key={one.code} className={classes.bar}>
            <span>{one.label}</span>
            <span className={classes.track} aria-hidden>
              <span
                className={classes.fill}
                data-kind={one.kind}
                style={{ width: `${(one.engagements / most) * 100}%` }}
              />
            </span>
            <span className="tabular">{format.count(one.engagements, "items")}</span>
          </li>
        ))}
      </ul>
      {tracking.blocked > 0 && (
        <p className="muted">
          {t("blocked", {
            blocked: format.count(tracking.blocked, "people"),
            refused: format.number(tracking.refused),
            complaints: format.number(tracking.complaints),
          })}
        </p>
      )}
    </div>
  );
}

function Table({
  tracking,
  onOpen,
}: {
  tracking: Tracking;
  onOpen: (stage: Stage, key?: string) => void;
}) {
  const { t } = useTranslation("tracking");
  const format = useFormat();
  const stages = STAGES.filter((stage) => stage !== "members" || tracking.by !== "day");
  const name = (row: FunnelRow) =>
    tracking.by === "day" && row.key ? format.date(row.key) : row.label || t("nobody");
  return (
    <div className={classes.scroll}>
      <table className={classes.table}>
        <thead>
          <tr>
            <th>{t(`by.${tracking.by}`)}</th>
            {stages.map((stage) => (
              <th key={stage} data-end>
                {t(`stage.${stage}`)}
              </th>
            ))}
            <th data-end>{t("winRate")}</th>
          </tr>
        </thead>
        <tbody>
          {tracking.rows.map((row) => (
            <tr key={row.key}>
              <td>{name(row)}</td>
              {stages.map((stage) => (
                <td key={stage} data-end>
                  <People
                    value={row[stage]}
                    label={`${name(row)} ${t(`stage.${stage}`)}`}
                    onOpen={() => onOpen(stage, row.key)}
                  />
                </td>
              ))}
              <td data-end>{format.percent(row.reached > 0 ? row.won / row.reached : null)}</td>
            </tr>
          ))}
          <tr className={classes.sum}>
            <td>{t("total")}</td>
            {stages.map((stage) => (
              <td key={stage} data-end>
                <People
                  value={tracking.total[stage]}
                  label={`${t("total")} ${t(`stage.${stage}`)}`}
                  onOpen={() => onOpen(stage)}
                />
              </td>
            ))}
            <td data-end>
              {format.percent(
                tracking.total.reached > 0 ? tracking.total.won / tracking.total.reached : null,
              )}
            </td>
          </tr>
        </tbody>
      </table>
    </div>
  );
}
