/** How many survive each condition; a group or a sequence opens to a funnel of its own. */
import { UnstyledButton } from "@mantine/core";
import { IconChevronDown, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { type FunnelStep, useFunnel } from "../data";
import type { Envelope } from "../model/json";
import classes from "./preview.module.css";

interface Props {
  steps: readonly FunnelStep[];
  envelope: Envelope;
  stale: boolean;
}

export function Funnel({ steps, envelope, stale }: Props) {
  const { t } = useTranslation("rules");
  return (
    <section aria-busy={stale}>
      <h3 className={classes.heading}>{t("preview.funnel")}</h3>
      <Steps steps={steps} envelope={envelope} stale={stale} />
    </section>
  );
}

function Steps({ steps, envelope, stale }: Props) {
  const widest = Math.max(1, ...steps.map((step) => Math.max(step.alone, step.cumulative)));
  return (
    <ol className={classes.funnel} data-stale={stale || undefined}>
      {steps.map((step) => (
        <StepRow key={step.path} step={step} widest={widest} envelope={envelope} />
      ))}
    </ol>
  );
}

function StepRow(props: { step: FunnelStep; widest: number; envelope: Envelope }) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  const [open, setOpen] = useState(false);
  const { step, widest } = props;
  const Chevron = open ? IconChevronDown : IconChevronRight;
  const share = (people: number) => ({ width: `${(people / widest) * 100}%` });
  return (
    <li>
      <div className={classes.step}>
        {step.opens ? (
          <UnstyledButton
            className={classes.opener}
            aria-expanded={open}
            onClick={() => setOpen(!open)}
          >
            <Chevron size={14} aria-hidden />
            <span>{step.sentence}</span>
          </UnstyledButton>
        ) : (
          <span className={classes.stepText}>{step.sentence}</span>
        )}
        <span className="tabular">{format.count(step.cumulative, "people")}</span>
      </div>
      <div className={classes.bars} aria-hidden>
        <div className={classes.alone} style={share(step.alone)} />
        <div className={classes.kept} style={share(step.cumulative)} />
      </div>
      {step.alone !== step.cumulative && (
        <div className={classes.note}>
          {t("preview.alone")} {format.count(step.alone, "people")}
        </div>
      )}
      {open && <Nested envelope={props.envelope} path={step.path} />}
    </li>
  );
}

function Nested({ envelope, path }: { envelope: Envelope; path: string }) {
  const { t } = useTranslation("rules");
  const query = useFunnel(envelope, true, path);
  return (
    <div className={classes.nested}>
      {query.error && !query.data ? (
        <ErrorState error={query.error} onRetry={() => void query.refetch()} inline />
      ) : query.data ? (
        <>
          <p className={classes.note}>{t(`preview.mode.${query.data.steps[0]?.mode ?? "one"}`)}</p>
          <Steps steps={query.data.steps} envelope={envelope} stale={query.isPlaceholderData} />
        </>
      ) : (
        <Loading lines={[80, 60]} />
      )}
    </div>
  );
}
