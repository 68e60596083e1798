/** Beside the builder: how many, whether the purpose allows it, where people are lost, who is in. */
import { Skeleton } from "@mantine/core";
import { IconAlertTriangle, IconShieldCheck } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, useLate } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { NamedPerson } from "../data";
import type { Catalog, Locale } from "../model/catalog";
import type { LiveRule } from "../useLiveRule";
import { Count } from "./Count";
import { Funnel } from "./Funnel";
import { People } from "./People";
import { PersonSearch } from "./PersonSearch";
import classes from "./preview.module.css";

interface Props {
  live: LiveRule;
  catalog: Catalog;
  subject: string | null;
  purpose: string | null;
  /** Asks why a person is in or not. */
  onWhy: (person: NamedPerson) => void;
  asked: string | null;
}

export function PreviewPanel({ live, catalog, subject, purpose, onWhy, asked }: Props) {
  const { t, i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const format = useFormat();
  const { counted, checked, funnel, sample } = live;
  const waiting = live.waiting && (
    <p className={classes.waiting}>{t(`preview.waiting.${live.waiting}`)}</p>
  );
  if (waiting && !counted) return waiting;
  if (live.faults.length > 0) return <Faulty count={live.faults.length} />;
  if (live.error && !live.busy) {
    return <ErrorState error={live.error} onRetry={live.retry} inline />;
  }
  const known = (counted?.as_known_today ?? []).map(
    (name) => catalog.datasets.get(name)?.label[locale] ?? name,
  );
  return (
    <div className={classes.preview}>
      <div aria-live="polite" aria-busy={live.busy} className={classes.head}>
        {counted ? <Count value={counted.count} stale={live.busy} /> : <Waiting height={36} />}
        {waiting || (checked?.sentence && <p className={classes.sentence}>{checked.sentence}</p>)}
      </div>
      <PurposeCheck
        catalog={catalog}
        locale={locale}
        purpose={purpose}
        consent={checked?.consent ?? false}
      />
      {checked?.warnings.map((warning) => (
        <Remark key={warning.path + warning.message} tone="warn">
          {warning.message}
        </Remark>
      ))}
      {funnel ? (
        (funnel.steps.length > 1 || funnel.steps.some((step) => step.opens)) && (
          <Funnel steps={funnel.steps} envelope={funnel.envelope} stale={live.funnelBusy} />
        )
      ) : (
        <Waiting height={80} />
      )}
      {sample ? (
        <People people={sample} stale={live.sampleBusy} onWhy={onWhy} asked={asked} />
      ) : (
        <Waiting height={120} />
      )}
      <PersonSearch subject={subject} onPick={onWhy} />
      {known.length > 0 && (
        <p className={classes.note}>
          {t("preview.asKnown", { datasets: known.join(t("operand.comma")) })}
        </p>
      )}
      {counted && (
        <p className={classes.note}>
          {t("preview.asOf", { time: format.dateTime(counted.as_of) })}
          {" · "}
          {t("preview.took", { ms: Math.round(counted.ms) })}
        </p>
      )}
    </div>
  );
}

/** Keeps the room of what is to come; drawn only when it takes a while. */
function Waiting({ height }: { height: number }) {
  const late = useLate();
  return (
    <div style={{ height }} aria-hidden>
      {late && <Skeleton height={height} radius="sm" />}
    </div>
  );
}

function Faulty({ count }: { count: number }) {
  const { t } = useTranslation("rules");
  return (
    <p className={classes.waiting} role="status">
      <IconAlertTriangle size={14} aria-hidden className={classes.alarm} />{" "}
      {t("preview.faultCount", { count })}
    </p>
  );
}

/** Whether every field may serve the purpose, and what that costs. */
function PurposeCheck(props: {
  catalog: Catalog;
  locale: Locale;
  purpose: string | null;
  consent: boolean;
}) {
  const { t } = useTranslation("rules");
  const { catalog, purpose, locale } = props;
  if (catalog.purposes.length === 0) return null;
  const label = catalog.purposes.find((one) => one.name === purpose)?.label[locale] ?? purpose;
  return (
    <p className={classes.purpose}>
      <IconShieldCheck size={14} aria-hidden />
      <span>
        {purpose === null
          ? t("purpose.none")
          : t(props.consent ? "purpose.consent" : "purpose.allowed", { purpose: label })}
      </span>
    </p>
  );
}
