/** Which other segments these people are in, too. */
import { MultiSelect } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Empty, ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { namesQuery, overlapQuery } from "./api";
import { pairTable } from "./model/upset";
import { readSlugs } from "./model/values";
import { OverlapMatrix } from "./OverlapMatrix";
import classes from "./overlap.module.css";
import type { Overlap, Segment } from "./types";
import { Upset } from "./Upset";
import { useSegmentSearch } from "./useSegmentSearch";

/** The API compares at most twelve at once, this one included. */
const MOST = 11;

export function OverlapTab({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { search, set } = useSegmentSearch();
  const others = readSlugs(search.with).filter((slug) => slug !== segment.slug);
  const names = useQuery(namesQuery);
  const query = useQuery(overlapQuery([segment.slug, ...others]));
  const choices = (names.data?.items ?? []).filter(
    (one) =>
      one.slug !== segment.slug && one.subject === segment.subject && one.state !== "archived",
  );
  return (
    <>
      <Section>
        <MultiSelect
          label={t("overlap.with")}
          placeholder={others.length === 0 ? t("overlap.choose") : undefined}
          searchable
          clearable
          hidePickedOptions
          maxValues={MOST}
          value={others.filter((slug) => choices.some((one) => one.slug === slug))}
          data={choices.map((one) => ({ value: one.slug, label: one.name }))}
          nothingFoundMessage={t("overlap.noSegment")}
          onChange={(next) => set({ with: next.join(",") || undefined }, true)}
        />
      </Section>
      {others.length === 0 ? (
        <Empty title={t("overlap.empty")}>{t("overlap.emptyText")}</Empty>
      ) : query.error && !query.isFetching ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} />
      ) : query.data ? (
        <div aria-busy={query.isFetching} className={classes.result}>
          <Result found={query.data} subject={segment.subject} />
        </div>
      ) : (
        <Loading lines={[40, 100, 100, 100, 80]} height={24} />
      )}
    </>
  );
}

function Result({ found, subject }: { found: Overlap; subject: string }) {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const sizes = Object.fromEntries(found.sizes.map((one) => [one.slug, one.size]));
  const names = new Map(found.sizes.map((one) => [one.slug, one.name]));
  const nameOf = (slug: string) => names.get(slug) ?? slug;
  return (
    <>
      <Section
        title={t("overlap.upset")}
        aside={
          <span className="muted">
            {t("overlap.total", { people: format.count(found.total, "people") })}
          </span>
        }
      >
        <p className={classes.help}>{t("overlap.upsetHelp")}</p>
        <Upset
          sizes={sizes}
          intersections={found.intersections}
          nameOf={nameOf}
          subject={subject}
        />
      </Section>
      <Section title={t("overlap.matrix")}>
        <p className={classes.help}>{t("overlap.matrixHelp")}</p>
        <OverlapMatrix
          slugs={found.sizes.map((one) => one.slug)}
          both={pairTable(sizes, found.pairs)}
          nameOf={nameOf}
          subject={subject}
        />
      </Section>
    </>
  );
}
