/** Beside the builder: how many, where the conditions lose people, and who some of them are. */
import { Anchor } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import type { FunnelStep, Preview } from "../data";
import type { Catalog, Locale } from "../model/catalog";
import classes from "./preview.module.css";

interface Props {
  preview: Preview | undefined;
  catalog: Catalog;
  /** Waiting for a value or a first condition: what to say instead of a number. */
  waiting: string | null;
  busy: boolean;
  error: unknown;
  onRetry: () => void;
}

export function PreviewPanel({ preview, catalog, waiting, busy, error, onRetry }: Props) {
  const { t, i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const format = useFormat();
  if (waiting) return <p className={classes.waiting}>{waiting}</p>;
  if (error && !busy) return <ErrorState error={error} onRetry={onRetry} inline />;
  if (!preview) return <Loading lines={[40, 90, 70, 80]} height={18} />;
  const known = preview.as_known_today.map(
    (name) => catalog.datasets.get(name)?.label[locale] ?? name,
  );
  return (
    <div
      className={classes.preview}
      data-busy={busy || undefined}
      aria-live="polite"
      aria-busy={busy}
    >
      <Count value={preview.count} />
      <p className={classes.sentence}>{preview.sentence}</p>
      {preview.funnel.length > 1 && <Funnel steps={preview.funnel} />}
      {preview.sample.length > 0 && (
        <section>
          <h3 className={classes.heading}>{t("preview.sample")}</h3>
          <ul className={classes.people}>
            {preview.sample.map((person) => (
              <li key={person.id}>
                <Anchor href={`/customers/${person.id}`} target="_blank" rel="noreferrer" size="sm">
                  {person.display}
                </Anchor>
                {person.key && <span className={classes.key}>{person.key}</span>}
              </li>
            ))}
          </ul>
        </section>
      )}
      {preview.warnings.map((warning) => (
        <Remark key={warning.path + warning.message} tone="warn">
          {warning.message}
        </Remark>
      ))}
      {known.length > 0 && (
        <p className={classes.note}>
          {t("preview.asKnown", { datasets: known.join(locale === "ja" ? "、" : ", ") })}
        </p>
      )}
      <p className={classes.note}>
        {preview.as_of && `${t("preview.asOf", { time: format.dateTime(preview.as_of) })} · `}
        {t("preview.took", { ms: Math.round(preview.ms) })}
      </p>
    </div>
  );
}

/** A count of people, large, with its counter small behind it. */
export function Count({ value, unit }: { value: number; unit?: string }) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  return (
    <p className={classes.count}>
      <span className="tabular">{format.number(value)}</span>
      <small>{unit ?? t("preview.unit", { count: value })}</small>
    </p>
  );
}

function Funnel({ steps }: { steps: readonly FunnelStep[] }) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  const widest = Math.max(1, ...steps.map((step) => step.alone));
  return (
    <section>
      <h3 className={classes.heading}>{t("preview.funnel")}</h3>
      <ol className={classes.funnel}>
        {steps.map((step) => (
          <li key={step.path}>
            <div className={classes.step}>
              <span className={classes.stepText}>{step.sentence}</span>
              <span className="tabular">{format.count(step.cumulative, "people")}</span>
            </div>
            <div className={classes.bars} aria-hidden>
              <div className={classes.alone} style={{ width: `${(step.alone / widest) * 100}%` }} />
              <div
                className={classes.kept}
                style={{ width: `${(step.cumulative / widest) * 100}%` }}
              />
            </div>
            <div className={classes.note}>
              {t("preview.alone")} {format.count(step.alone, "people")}
            </div>
          </li>
        ))}
      </ol>
    </section>
  );
}
