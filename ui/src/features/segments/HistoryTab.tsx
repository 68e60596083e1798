/** Every version and every refresh, newest first. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { refreshesQuery, versionsQuery } from "./api";
import { RefreshState } from "./badges";
import { Flow } from "./Flow";
import classes from "./segments.module.css";
import type { Refresh, Segment } from "./types";
import type { useRefresh } from "./useRefresh";

interface Props {
  segment: Segment;
  refresh: ReturnType<typeof useRefresh>;
}

export function HistoryTab({ segment, refresh }: Props) {
  const { t } = useTranslation("segments");
  const query = useQuery(refreshesQuery(segment));
  const canStart = segment.may.write && segment.archived_at === null;
  return (
    <>
      <Section
        title={t("history.refreshes")}
        aside={
          canStart &&
          (segment.refresh ? (
            <Button
              variant="default"
              size="compact-sm"
              loading={refresh.cancel.isPending}
              onClick={() => refresh.cancel.mutate()}
            >
              {t("refresh.cancel")}
            </Button>
          ) : (
            <Button
              variant="default"
              size="compact-sm"
              loading={refresh.start.isPending}
              onClick={() => refresh.start.mutate("incremental")}
            >
              {t("refresh.incremental")}
            </Button>
          ))
        }
      >
        <p className={classes.help}>{t("history.help")}</p>
        <Ready query={query} lines={[100, 100, 100]}>
          {(rows) =>
            rows.length === 0 ? (
              <p className="muted">{t("history.none")}</p>
            ) : (
              <Refreshes rows={rows} />
            )
          }
        </Ready>
      </Section>
      <Versions segment={segment} />
    </>
  );
}

function Refreshes({ rows }: { rows: readonly Refresh[] }) {
  const { t } = useTranslation("segments");
  return (
    <div className={classes.scroll} tabIndex={0} role="region" aria-label={t("history.refreshes")}>
      <table className={classes.table} aria-label={t("history.refreshes")}>
        <thead>
          <tr>
            <th scope="col">{t("history.at")}</th>
            <th scope="col">{t("history.state")}</th>
            <th scope="col">{t("history.mode")}</th>
            <th scope="col">{t("history.cause")}</th>
            <th scope="col" data-end>
              {t("column.size")}
            </th>
            <th scope="col" data-end>
              {t("column.flow")}
            </th>
            <th scope="col" data-end>
              {t("history.differences")}
            </th>
            <th scope="col" data-end>
              {t("history.took")}
            </th>
          </tr>
        </thead>
        <tbody>
          {rows.map((one) => (
            <RefreshLine key={one.id} one={one} />
          ))}
        </tbody>
      </table>
      {rows.length === 50 && <p className="muted">{t("history.newest", { count: 50 })}</p>}
    </div>
  );
}

function RefreshLine({ one }: { one: Refresh }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const found = one.moved + one.missed;
  return (
    <>
      <tr data-message={one.message !== "" || undefined}>
        <td>{format.dateTime(one.ended_at ?? one.started_at ?? one.requested_at)}</td>
        <td>
          <RefreshState state={one.state} />
        </td>
        <td>
          {t(`history.mode_${one.mode}`)}
          {one.touched !== null && (
            <span className="muted"> {format.count(one.touched, "people")}</span>
          )}
        </td>
        <td>
          {t(`history.cause_${one.cause}`)}
          {one.cause === "by_hand" && one.requested_by && (
            <span className="muted"> {one.requested_by.name}</span>
          )}
        </td>
        <td data-end>{format.count(one.size, "people")}</td>
        <td data-end>
          {one.state === "done" ? <Flow entered={one.entered} left={one.left} /> : "–"}
        </td>
        <td data-end>
          {one.state === "done" && one.mode === "full" ? format.count(found, "people") : "–"}
        </td>
        <td data-end>{one.ms === null ? "–" : t("history.ms", { ms: format.number(one.ms) })}</td>
      </tr>
      {one.message !== "" && (
        <tr>
          <td colSpan={8} className={classes.message}>
            {one.message}
          </td>
        </tr>
      )}
    </>
  );
}

function Versions({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const query = useQuery(versionsQuery(segment));
  return (
    <Section title={t("history.versions")}>
      <Ready query={query}>
        {(versions) => (
          <ol className={classes.versions}>
            {versions.map((one) => (
              <li key={one.number}>
                <div className={classes.versionHead}>
                  <span>{t("version", { version: one.number })}</span>
                  {one.current && <span className={classes.current}>{t("history.current")}</span>}
                  <span className="muted">
                    {format.dateTime(one.at)} {one.by?.name}
                  </span>
                  {one.number > 1 && (
                    <TextLink
                      to="/segments/$slug"
                      params={{ slug: segment.slug }}
                      search={{ tab: "rule", a: one.number - 1, b: one.number }}
                      size="sm"
                    >
                      {t("history.compare")}
                    </TextLink>
                  )}
                </div>
                {one.note && <p>{one.note}</p>}
                <p className={classes.quiet}>
                  {one.sentence}
                  {one.rank && ` ${one.rank.sentence}`}
                </p>
              </li>
            ))}
          </ol>
        )}
      </Ready>
    </Section>
  );
}
