/** Figures of the chosen step, and the people behind them. */
import { Button } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Facts } from "@/design/Facts";
import { Ready } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { fetchWalks } from "./api";
import styles from "./journeys.module.css";
import { ENTRY } from "./model/graph";
import type { DryResult, Journey, Live } from "./types";
import { useJourneySearch } from "./useJourneySearch";

interface Props {
  journey: Journey;
  step: string;
  live: Live | undefined;
  dry: DryResult | null | undefined;
}

export function StepFigures({ journey, step, live, dry }: Props) {
  if (step.startsWith("_") && step !== ENTRY) return null;
  if (live?.counted) return <LiveStep journey={journey} step={step} live={live} />;
  if (dry) return <DryStep step={step} dry={dry} />;
  return null;
}

const FEW = 6;

function LiveStep({ journey, step, live }: { journey: Journey; step: string; live: Live }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const { set } = useJourneySearch();
  const name = step === ENTRY ? "" : step;
  const node = live.nodes.find((one) => one.step === name);
  const edges = live.edges.filter((one) => one.step === name && one.people > 0);
  const people = useQuery({
    queryKey: ["journey", journey.slug, "people", "few", step],
    queryFn: ({ signal }) =>
      fetchWalks(journey.slug, { step, state: "active", limit: FEW }, signal),
    enabled: step !== ENTRY && journey.may.see_people && (node?.standing ?? 0) > 0,
  });
  return (
    <section className={styles.stepFigures} aria-label={t("live.here")}>
      {node && (
        <Facts
          facts={[
            { label: t("live.standing"), value: format.count(node.standing, "people") },
            ...(node.held > 0
              ? [{ label: t("live.heldLabel"), value: format.count(node.held, "people") }]
              : []),
            ...(node.overdue > 0
              ? [{ label: t("live.overdue"), value: format.count(node.overdue, "people") }]
              : []),
            { label: t("live.arrived"), value: format.count(node.arrived, "people") },
            { label: t("live.median"), value: format.duration(node.median_seconds) },
            ...(node.oldest_since
              ? [{ label: t("live.oldest"), value: format.relative(node.oldest_since) }]
              : []),
          ]}
        />
      )}
      {edges.length > 0 && (
        <Facts
          facts={edges.map((edge) => ({
            label: edge.label,
            value: format.count(edge.people, "people"),
            note: format.percent(edge.share),
          }))}
        />
      )}
      {people.data !== undefined || people.isLoading ? (
        <Ready query={people} lines={[80, 70]}>
          {(found) => (
            <>
              <ul className={styles.few}>
                {found.items.map((one) => (
                  <li key={one.enrollment}>
                    <button
                      type="button"
                      className={styles.walk}
                      onClick={() => set({ walk: one.enrollment })}
                    >
                      <span>{one.display}</span>
                      <span className="muted">{one.standing}</span>
                    </button>
                  </li>
                ))}
              </ul>
              {found.total > FEW && (
                <Button
                  size="compact-sm"
                  variant="subtle"
                  onClick={() => set({ tab: "people", walks: undefined })}
                >
                  {t("live.all", { people: format.count(found.total, "people") })}
                </Button>
              )}
            </>
          )}
        </Ready>
      ) : null}
    </section>
  );
}

function DryStep({ step, dry }: { step: string; dry: DryResult }) {
  const { t } = useTranslation("journeys");
  const format = useFormat();
  const found = dry.steps.find((one) => one.step === step);
  if (!found) return null;
  const contacts =
    found.contacts > 0
      ? (["contacts", "allowed", "deferred", "stopped", "open"] as const).map((name) => ({
          label: t(`dry.step.${name}`),
          value: format.count(found[name], "items"),
        }))
      : [];
  return (
    <section className={styles.stepFigures} aria-label={t("dry.here")}>
      <Facts
        facts={[
          { label: t("dry.step.reached"), value: format.count(found.reached, "people") },
          { label: t("dry.step.standing"), value: format.count(found.standing, "people") },
          ...contacts,
        ]}
      />
    </section>
  );
}
