/** How fresh: the segment itself, the data and segments behind it, and what a check found. */
import { Button } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { TextLink } from "@/design/Link";
import { Section } from "@/design/Page";
import { Remark, StatusBadge } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { SegmentState } from "./badges";
import { everyWords } from "./EverySelect";
import classes from "./segments.module.css";
import type { Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

export function FreshnessSection({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { freshness } = segment;
  const next = segment.refresh
    ? t(`refresh.state_${segment.refresh.state}`)
    : freshness.next_refresh
      ? format.dateTime(freshness.next_refresh)
      : t(segment.kind === "snapshot" ? "fresh.onDemand" : "fresh.onLoad");
  return (
    <div>
      <Section title={t("fresh.title")} aside={<SegmentState state={segment.state} />}>
        <Facts
          facts={[
            {
              label: t("fresh.asOf"),
              value: format.dateTime(freshness.as_of),
              note: freshness.as_of ? format.relative(freshness.as_of) : undefined,
            },
            { label: t("fresh.next"), value: next },
            {
              label: t("fresh.promised"),
              value: freshness.promised
                ? t("fresh.within", everyWords(freshness.promised, t))
                : t("fresh.noPromise"),
            },
          ]}
        />
        <Differences segment={segment} />
      </Section>
      <Section title={t("fresh.data")}>
        <ul className={classes.lines}>
          {freshness.data.map((one) => (
            <li key={one.dataset}>
              <span className={classes.lineWords}>
                {one.label}
                {one.newer && <span className="muted"> {t("fresh.newer")}</span>}
              </span>
              <span className={classes.lineEnd}>
                {one.loaded_at === null ? (
                  <span className="muted">{t("fresh.neverLoaded")}</span>
                ) : (
                  <span title={format.dateTime(one.loaded_at)}>
                    {format.relative(one.loaded_at)}
                  </span>
                )}
                {one.fresh !== null && (
                  <StatusBadge plain tone={one.fresh ? "good" : "warn"}>
                    {t(one.fresh ? "fresh.good" : "fresh.old")}
                  </StatusBadge>
                )}
              </span>
            </li>
          ))}
          {freshness.segments.map((one) => (
            <li key={`segment:${one.slug}`}>
              <span className={classes.lineWords}>
                <TextLink to="/segments/$slug" params={{ slug: one.slug }}>
                  {one.name}
                </TextLink>
              </span>
              <span className={classes.lineEnd}>
                {format.relative(one.as_of)} <SegmentState state={one.state} />
              </span>
            </li>
          ))}
        </ul>
      </Section>
    </div>
  );
}

/** What the last full refresh found different from what was stored, said plainly. */
function Differences({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const { set } = useSegmentSearch();
  const { differences } = segment;
  if (!differences) return <p className={classes.help}>{t("differences.notYet")}</p>;
  const { moved, missed } = differences;
  if (moved + missed === 0) {
    return (
      <p className={classes.help}>
        {t("differences.none", { at: format.dateTime(differences.as_of) })}
      </p>
    );
  }
  return (
    <Remark tone={missed > 0 ? "warn" : "info"}>
      {t("differences.found", {
        at: format.dateTime(differences.as_of),
        moved: format.count(moved, "people"),
        missed: format.count(missed, "people"),
      })}{" "}
      <Button variant="subtle" size="compact-xs" onClick={() => set({ panel: "differences" })}>
        {t("differences.show")}
      </Button>
    </Remark>
  );
}
