/** A count of people, large, with its counter small behind it. */
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./preview.module.css";

interface Props {
  value: number;
  unit?: string;
  /** It is the answer to an earlier question. */
  stale?: boolean;
}

export function Count({ value, unit, stale = false }: Props) {
  const { t } = useTranslation("rules");
  const format = useFormat();
  return (
    <p className={classes.count} data-stale={stale || undefined}>
      <span className="tabular">{format.number(value)}</span>
      <small>{unit ?? t("preview.unit", { count: value })}</small>
    </p>
  );
}
