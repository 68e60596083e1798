/** How many segments the text takes, as it is typed: each one is paid for. */
import { useTranslation } from "react-i18next";
import { segmentsOf } from "../model/sms";
import classes from "./channels.module.css";

interface Props {
  written: string;
  /** The text with values in place, once it has been drawn. */
  sent: string | undefined;
}

export function SmsCount({ written, sent }: Props) {
  const { t } = useTranslation("messages");
  const filled = written.includes("{{") || written.includes("{%");
  const counted = segmentsOf(filled && sent ? sent : written);
  const most = counted.encoding === "ucs2" ? 70 : 160;
  const each = counted.segments > 1 ? (counted.encoding === "ucs2" ? 67 : 153) : most;
  return (
    <div className={classes.count} data-many={counted.segments > 1 || undefined}>
      <div className={classes.segments} aria-hidden>
        {Array.from({ length: Math.max(1, Math.min(counted.segments, 12)) }, (_, index) => {
          const full = index < counted.segments - 1;
          const part = full ? 100 : ((each - counted.left) / each) * 100;
          return (
            <span key={index} className={classes.segment}>
              <span style={{ width: `${counted.segments === 0 ? 0 : part}%` }} />
            </span>
          );
        })}
      </div>
      <div className={classes.counted} role="status">
        <b className="tabular">{t("sms.segments", { number: counted.segments })}</b>
        <span className="tabular">
          {t("sms.length", { length: counted.length, left: counted.left })}
        </span>
        <span className="muted">{t(`sms.${counted.encoding}`)}</span>
      </div>
      {filled && <p className={classes.hint}>{t(sent ? "sms.filled" : "sms.unfilled")}</p>}
    </div>
  );
}
