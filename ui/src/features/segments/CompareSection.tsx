/** Two versions side by side: which conditions only one has, and how many people that moves. */
import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Ready } from "@/design/states";
import { ComparedRules } from "@/features/rules";
import { compareQuery } from "./api";
import classes from "./segments.module.css";
import type { Compared, Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

export function CompareSection({ segment }: { segment: Segment }) {
  const { t } = useTranslation("segments");
  const { search, set } = useSegmentSearch();
  const a = Math.min(search.a || segment.version - 1, segment.version);
  const b = Math.min(search.b || segment.version, segment.version);
  const query = useQuery(compareQuery(segment.slug, a, b));
  const versions = Array.from({ length: segment.version }, (_, index) => ({
    value: String(segment.version - index),
    label: t("version", { version: segment.version - index }),
  }));
  return (
    <Section title={t("compare.title")}>
      <div className={classes.compareChoice}>
        <Select
          w={150}
          label={t("compare.a")}
          allowDeselect={false}
          data={versions}
          value={String(a)}
          onChange={(next) => set({ a: Number(next), b }, true)}
        />
        <Select
          w={150}
          label={t("compare.b")}
          allowDeselect={false}
          data={versions}
          value={String(b)}
          onChange={(next) => set({ a, b: Number(next) }, true)}
        />
      </div>
      <Ready query={query} lines={[60, 80, 40]}>
        {(found) => <Result found={found} />}
      </Ready>
    </Section>
  );
}

function Result({ found }: { found: Compared }) {
  const { t } = useTranslation("segments");
  const name = (number: number) => t("version", { version: number });
  const parts = (sentences: readonly string[]) =>
    sentences.map((sentence) => ({ path: sentence, sentence }));
  return (
    <ComparedRules
      titles={{ a: name(found.a.number), b: name(found.b.number) }}
      found={{
        a: { sentence: found.a.sentence, parts: parts(found.parts_only_a) },
        b: { sentence: found.b.sentence, parts: parts(found.parts_only_b) },
        common: found.parts_both,
        ...found.people,
        people_only_a: [],
        people_only_b: [],
      }}
    />
  );
}
