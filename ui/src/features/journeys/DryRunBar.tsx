/** Below the canvas: the journey played over the last days, and what came of it. */
import { Button, Select } from "@mantine/core";
import { IconPlayerPlay } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { ErrorState, LongWork } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { dryRunQuery, dryRunsQuery, isUnderWay, path } from "./api";
import { DryResults } from "./DryResults";
import styles from "./flow.module.css";
import type { DryRun, Journey } from "./types";
import type { Draft } from "./useDraft";
import { useJourneySearch } from "./useJourneySearch";

const SPANS = ["7", "30", "90"] as const;
const WHOLE = 100;

interface Props {
  journey: Journey;
  draft: Draft;
  run: DryRun | undefined;
  /** Results are laid over the canvas. */
  open: boolean;
}

export function DryRunBar({ journey, draft, run, open }: Props) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const client = useQueryClient();
  const { set } = useJourneySearch();
  const [days, setDays] = useState<string>("90");
  const start = useMutation({
    mutationFn: async () => {
      await draft.flush();
      return call<DryRun>("POST", `${path(journey.slug)}/dry-runs`, {
        body: { days: Number(days) },
      });
    },
    onSuccess: (made) => {
      client.setQueryData(dryRunQuery(journey.slug, made.id).queryKey, made);
      void client.invalidateQueries({ queryKey: dryRunsQuery(journey.slug).queryKey });
      set({ mode: "dry", run: made.id, step: undefined });
    },
  });
  const cancel = useMutation({
    mutationFn: (id: string) => call<DryRun>("POST", `${path(journey.slug)}/dry-runs/${id}/cancel`),
    onSuccess: (next) => client.setQueryData(dryRunQuery(journey.slug, next.id).queryKey, next),
  });
  const busy = isUnderWay(run);
  return (
    <section className={styles.dry} aria-label={t("dry.title")} data-open={open || undefined}>
      <div className={styles.dryHead}>
        <span className={styles.dryTitle}>{t("dry.title")}</span>
        <Select
          size="xs"
          w={130}
          aria-label={t("dry.days")}
          allowDeselect={false}
          value={days}
          data={SPANS.map((one) => ({ value: one, label: t("live.last", { count: Number(one) }) }))}
          onChange={(value) => value && setDays(value)}
        />
        <Button
          size="xs"
          variant="default"
          leftSection={<IconPlayerPlay size={14} aria-hidden />}
          loading={start.isPending}
          disabled={busy || !journey.may.run}
          onClick={() => start.mutate()}
        >
          {t("dry.run")}
        </Button>
        {open && run?.state === "done" && (
          <span className="muted">
            {t("dry.of", {
              version: run.number,
              at: format.dateTime(run.asked_at),
              count: run.days,
            })}
          </span>
        )}
        {!open && <span className={styles.dryHint}>{t("dry.hint")}</span>}
      </div>
      {start.error && <ErrorState error={start.error} inline />}
      {open && busy && run && (
        <LongWork
          label={run.doing || t("dry.waiting")}
          done={Math.round(run.progress * WHOLE)}
          total={WHOLE}
          onCancel={() => cancel.mutate(run.id)}
        />
      )}
      {open && run?.state === "failed" && (
        <p className={styles.dryError} role="alert">
          {run.error}
        </p>
      )}
      {open && run?.state === "cancelled" && <p className="muted">{t("dry.cancelled")}</p>}
      {open && run?.result && <DryResults result={run.result} />}
      {open && !run && !start.isPending && <p className="muted">{t("dry.none")}</p>}
    </section>
  );
}
