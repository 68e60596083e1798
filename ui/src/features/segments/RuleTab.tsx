/** Who is in the segment: the rule in the builder, its ranking, and what versions differ in. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { ErrorState } from "@/design/states";
import { told } from "@/design/undo";
import { type Catalog, type Fault, RuleWorkbench } from "@/features/rules";
import { segmentQuery } from "./api";
import { CompareSection } from "./CompareSection";
import { type Edited, isRanked, rankBody } from "./model/draft";
import { faultsAt } from "./model/faults";
import { RankEditor } from "./RankEditor";
import classes from "./segments.module.css";
import type { Segment } from "./types";

const NO_FAULTS: readonly Fault[] = [];

export function useSaveVersion(segment: Segment, edited: Edited) {
  const { t } = useTranslation("segments");
  const client = useQueryClient();
  return useMutation({
    mutationFn: (note: string) =>
      call<unknown>("POST", `/api/segments/${segment.slug}/versions`, {
        body: { rule: edited.rule, rank: rankBody(segment.kind, edited.rank), note },
      }),
    onSuccess: async () => {
      await client.invalidateQueries({ queryKey: segmentQuery(segment.slug).queryKey });
      await client.invalidateQueries({ queryKey: ["segments"] });
      told(t("save.done", { version: segment.version + 1 }));
    },
  });
}

interface Props {
  segment: Segment;
  catalog: Catalog;
  edited: Edited;
  onEdit: (edited: Edited) => void;
  /** Of the last attempt to save. */
  error: unknown;
}

export function RuleTab({ segment, catalog, edited, onEdit, error }: Props) {
  const { t } = useTranslation("segments");
  const may = useMay();
  const readOnly = !segment.may.write || segment.archived_at !== null;
  const faults = isApiError(error) ? error.body.faults : NO_FAULTS;
  const ofRule = useMemo(() => faultsAt(faults, "rule"), [faults]);
  return (
    <>
      {error && faults.length === 0 ? <ErrorState error={error} inline /> : null}
      {segment.warnings.map((warning) => (
        <Remark key={warning} tone="warn">
          {warning}
        </Remark>
      ))}
      <Section title={t("create.rule")}>
        {may("rules.preview") ? (
          <RuleWorkbench
            key={segment.version}
            value={edited.rule}
            onChange={(rule) => onEdit({ ...edited, rule })}
            catalog={catalog}
            subject={segment.subject}
            purpose={segment.purpose}
            faults={ofRule}
            readOnly={readOnly}
          />
        ) : (
          // Counting a rule and asking why is not for every reader: they read it.
          <p className={classes.sentence}>{segment.sentence}</p>
        )}
      </Section>
      {isRanked(segment.kind) && (
        <Section title={t("rank.title")}>
          {readOnly ? (
            <p className={classes.sentence}>{segment.rank?.sentence}</p>
          ) : (
            <RankEditor
              key={segment.version}
              kind={segment.kind}
              value={edited.rank}
              onChange={(rank) => onEdit({ ...edited, rank })}
              catalog={catalog}
              subject={segment.subject}
              purpose={segment.purpose}
              faults={faults}
            />
          )}
        </Section>
      )}
      {segment.version > 1 && <CompareSection segment={segment} />}
    </>
  );
}
