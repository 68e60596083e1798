/** A number that opens the people behind it, where the role may see them. */
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import type { Rate } from "./api";
import { useInterval } from "./Bars";
import { useProofPage } from "./page";
import styles from "./proof.module.css";

interface Props {
  count: number;
  /** What it is of, for who cannot see the table around it. */
  of: string;
  behind: string;
  may: boolean;
  /** The words shown, where they are not the count alone. */
  children?: string;
}

export function Figure({ count, of, behind, may, children }: Props) {
  const { t } = useTranslation("journeys");
  const { set } = useProofPage();
  const format = useFormat();
  const told = children ?? format.number(count);
  if (!may || count === 0) return <span className="tabular">{told}</span>;
  return (
    <button
      type="button"
      className={styles.figure}
      aria-label={t("proof.openPeople", { of, told })}
      onClick={() => set({ behind })}
    >
      {told}
    </button>
  );
}

/** A count with its rate and the interval of that. */
export function RateFigure({ rate, ...rest }: Omit<Props, "count"> & { rate: Rate }) {
  const format = useFormat();
  const interval = useInterval();
  if (rate.n === 0) return <span className="muted">–</span>;
  return (
    <span className={styles.rate}>
      <span>
        <Figure count={rate.k} {...rest} />
        <span className={styles.share}>{format.percent(rate.rate)}</span>
      </span>
      <span className={styles.interval}>{interval(rate.low, rate.high)}</span>
    </span>
  );
}
