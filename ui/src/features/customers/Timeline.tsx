import { Button, Chip, Group, Select } from "@mantine/core";
import { useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { useVirtualizer } from "@tanstack/react-virtual";
import { useEffect, useLayoutEffect, useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Empty, ErrorState, Loading, Partial } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import styles from "./customer.module.css";
import { summaryQuery, timelineQuery } from "./data";
import { EntryLine } from "./EntryLine";
import { linesOf } from "./timeline";
import type { Shapes, SourceCount } from "./types";

const FEW = 6; // kinds offered at once

interface TimelineProps {
  id: string;
  show?: string;
  year?: number;
  onChange: (part: { show?: string; year?: number }) => void;
}

/** Everything that happened, newest first, as far back as anything is known. */
export function Timeline({ id, show, year, onChange }: TimelineProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const pages = useInfiniteQuery(timelineQuery(id, show, year));
  const summary = useQuery(summaryQuery(id));
  const entries = useMemo(() => pages.data?.pages.flatMap((one) => one.items) ?? [], [pages.data]);
  const shapes: Shapes = useMemo(
    () => Object.assign({}, ...(pages.data?.pages.map((one) => one.datasets) ?? [])),
    [pages.data],
  );
  const lines = useMemo(() => linesOf(entries, format.timeZone), [entries, format.timeZone]);
  const { hasNextPage, isFetchingNextPage, fetchNextPage, isFetchNextPageError } = pages;
  const more = () => {
    if (hasNextPage && !isFetchingNextPage) void fetchNextPage();
  };

  // The first page is the last quarter alone: a short one goes on by itself.
  const short = entries.length < 25;
  useEffect(() => {
    if (short && hasNextPage && !isFetchingNextPage && !isFetchNextPageError) void fetchNextPage();
  }, [short, hasNextPage, isFetchingNextPage, isFetchNextPageError, fetchNextPage]);

  return (
    <Section
      title={t("timeline.title")}
      aside={
        <Years
          summary={summary.data?.years}
          year={year}
          onYear={(one) => onChange({ show, year: one })}
        />
      }
    >
      <Kinds
        sources={summary.data?.sources ?? []}
        show={show}
        onShow={(one) => onChange({ show: one, year })}
      />
      {pages.error && entries.length === 0 ? (
        <ErrorState error={pages.error} onRetry={() => void pages.refetch()} />
      ) : pages.isPending || (entries.length === 0 && hasNextPage) ? (
        <Loading lines={[30, 90, 80, 90, 70, 30, 80]} />
      ) : entries.length === 0 ? (
        <Empty title={t("timeline.none")}>{t("timeline.noneText")}</Empty>
      ) : (
        <>
          <Lines lines={lines} shapes={shapes} onEnd={more} />
          {isFetchNextPageError && (
            <Partial onRetry={() => void fetchNextPage()}>{t("timeline.stopped")}</Partial>
          )}
          {hasNextPage ? (
            <div className={styles.moreLine}>
              <Button
                variant="subtle"
                color="gray"
                size="compact-sm"
                loading={isFetchingNextPage}
                onClick={more}
              >
                {t("timeline.before")}
              </Button>
            </div>
          ) : (
            <p className={styles.endLine}>{t("timeline.end")}</p>
          )}
        </>
      )}
    </Section>
  );
}

interface LinesProps {
  lines: ReturnType<typeof linesOf>;
  shapes: Shapes;
  onEnd: () => void;
}

/** The lines in sight; the page itself scrolls. */
function Lines({ lines, shapes, onEnd }: LinesProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const list = useRef<HTMLOListElement>(null);
  const [margin, setMargin] = useState(0);
  // What stands above the list moves it: measured when anything changes its height.
  useLayoutEffect(() => {
    const main = document.getElementById("main");
    const measure = () => {
      if (!list.current || !main) return;
      const top = list.current.getBoundingClientRect().top - main.getBoundingClientRect().top;
      setMargin(Math.round(top + main.scrollTop));
    };
    measure();
    const watch = new ResizeObserver(measure);
    const page = list.current?.closest("[data-page]");
    if (page) watch.observe(page);
    return () => watch.disconnect();
  }, []);
  const rows = useVirtualizer({
    count: lines.length,
    getScrollElement: () => document.getElementById("main"),
    estimateSize: (index) => (lines[index]?.kind === "entry" ? 34 : 30),
    getItemKey: (index) => lines[index]?.id ?? index,
    scrollMargin: margin,
    overscan: 20,
  });
  const items = rows.getVirtualItems();
  const last = items.at(-1)?.index ?? 0;
  useEffect(() => {
    if (last >= lines.length - 5) onEnd();
  }, [last, lines.length, onEnd]);
  return (
    <ol
      ref={list}
      className={styles.lines}
      style={{ height: rows.getTotalSize() }}
      aria-label={t("timeline.title")}
    >
      {items.map((item) => {
        const line = lines[item.index];
        if (!line) return null;
        return (
          <li
            key={item.key}
            ref={rows.measureElement}
            data-index={item.index}
            className={styles.line}
            data-line={line.kind}
            style={{ transform: `translateY(${item.start - margin}px)` }}
          >
            {line.kind === "year" ? (
              <h3 className={styles.yearName}>{t("timeline.year", { year: line.year })}</h3>
            ) : line.kind === "day" ? (
              <h4 className={styles.dayName}>{format.date(line.day)}</h4>
            ) : (
              <EntryLine entry={line.entry} shapes={shapes} />
            )}
          </li>
        );
      })}
    </ol>
  );
}

interface KindsProps {
  sources: readonly SourceCount[];
  show?: string;
  onShow: (show: string | undefined) => void;
}

/** Which kinds are shown; several at once. */
function Kinds({ sources, show, onShow }: KindsProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const [all, setAll] = useState(false);
  const chosen = show ? show.split(",") : [];
  const sorted = [...sources].sort((a, b) => rank(a) - rank(b) || b.count - a.count);
  const shown = all
    ? sorted
    : sorted.filter((one, index) => index < FEW || chosen.includes(one.source));
  if (sources.length < 2) return null;
  return (
    <Group gap={6} mb="sm" role="group" aria-label={t("timeline.kinds")}>
      <Chip
        size="xs"
        variant="outline"
        checked={chosen.length === 0}
        onChange={() => onShow(undefined)}
      >
        {t("timeline.all")}
      </Chip>
      {shown.map((one) => (
        <Chip
          key={one.source}
          size="xs"
          variant="outline"
          checked={chosen.includes(one.source)}
          onChange={(on) => {
            const next = on
              ? [...chosen, one.source]
              : chosen.filter((other) => other !== one.source);
            onShow(next.length > 0 ? next.join(",") : undefined);
          }}
        >
          {one.label ? format.label(one.label) : t(`kind.${one.kind}`)}{" "}
          <span className={styles.chipCount}>{format.number(one.count)}</span>
        </Chip>
      ))}
      {sorted.length > shown.length && (
        <Button variant="subtle" color="gray" size="compact-xs" onClick={() => setAll(true)}>
          {t("timeline.moreKinds", { count: sorted.length - shown.length })}
        </Button>
      )}
    </Group>
  );
}

/** What people did stands before what machines noted. */
function rank(one: SourceCount): number {
  return one.kind === "event" ? 1 : 0;
}

interface YearsProps {
  summary?: { year: number; count: number }[];
  year?: number;
  onYear: (year: number | undefined) => void;
}

/** Jumps to a year. */
function Years({ summary, year, onYear }: YearsProps) {
  const { t } = useTranslation("customers");
  const format = useFormat();
  if (!summary || (summary.length < 2 && year === undefined)) return null;
  return (
    <Select
      size="xs"
      w={168}
      aria-label={t("timeline.jump")}
      allowDeselect={false}
      value={year === undefined ? "" : String(year)}
      data={[
        { value: "", label: t("timeline.newest") },
        ...summary.map((one) => ({
          value: String(one.year),
          label: t("timeline.ofYear", {
            year: one.year,
            count: format.count(one.count, "items"),
          }),
        })),
      ]}
      onChange={(value) => onYear(value ? Number(value) : undefined)}
    />
  );
}
