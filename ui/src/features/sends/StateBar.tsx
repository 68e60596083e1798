import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./sends.module.css";
import { type Counts, DELIVERY_STATES } from "./types";

/** Everybody intended as one bar, each part a state. The table beside it says the same in words. */
export function StateBar({ counts, thin }: { counts: Counts; thin?: boolean }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  const parts = DELIVERY_STATES.filter((state) => counts[state] > 0);
  const words = parts.map((state) =>
    t("report.part", {
      state: t(`delivery.${state}`),
      people: format.count(counts[state], "people"),
    }),
  );
  return (
    <span
      className={classes.bar}
      data-thin={thin || undefined}
      role="img"
      aria-label={words.join(t("comma"))}
    >
      {parts.map((state) => (
        <span key={state} data-state={state} style={{ flexGrow: counts[state] }} />
      ))}
    </span>
  );
}

/** The pattern of a state in the bar, beside its word. */
export function Swatch({ state }: { state: (typeof DELIVERY_STATES)[number] }) {
  return <span className={classes.swatch} data-state={state} aria-hidden="true" />;
}
