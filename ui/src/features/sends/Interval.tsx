import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./sends.module.css";
import type { Rate } from "./types";

/** A rate with its interval at 95 %: a band from low to high and a mark where the rate is. */
export function Interval({ rate }: { rate: Rate }) {
  const { t } = useTranslation("sends");
  const format = useFormat();
  if (rate.rate === null || rate.low === null || rate.high === null) return <>–</>;
  const words = t("responses.between", {
    low: format.percent(rate.low),
    high: format.percent(rate.high),
  });
  return (
    <span className={classes.interval} title={words}>
      <span className={classes.track} aria-hidden="true">
        <span
          className={classes.band}
          style={{ left: `${rate.low * 100}%`, width: `${(rate.high - rate.low) * 100}%` }}
        />
        <span className={classes.point} style={{ left: `${rate.rate * 100}%` }} />
      </span>
      <span className={classes.quiet}>{words}</span>
    </span>
  );
}
