/** A year, month by month: which days are open, and why the others are not. */
import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { useFormat } from "@/design/useFormat";
import { type Day, kindOf, weeks } from "./model/year";
import classes from "./policies.module.css";
import { DAYS } from "./types";

const KINDS = ["weekend", "holiday", "open"] as const;

export function YearView({ days, year }: { days: readonly Day[]; year: number }) {
  const { t } = useTranslation("policies");
  const months = Array.from({ length: 12 }, (_, at) =>
    days.filter((one) => Number(one.day.slice(5, 7)) === at + 1),
  );
  return (
    <>
      <div className={classes.legend}>
        {KINDS.map((kind) => (
          <span key={kind} data-kind={kind}>
            {t(`calendar.kind.${kind}`)}
          </span>
        ))}
      </div>
      <div className={classes.year}>
        {months.map((month, at) => (
          <Month key={at} days={month} year={year} month={at + 1} />
        ))}
      </div>
    </>
  );
}

function Month({ days, year, month }: { days: readonly Day[]; year: number; month: number }) {
  const { t } = useTranslation("policies");
  const today = useSession()?.workspace.today;
  const { locale } = useFormat();
  const name = new Intl.DateTimeFormat(locale, { month: "long", timeZone: "UTC" }).format(
    new Date(Date.UTC(year, month - 1, 1)),
  );
  return (
    <table className={classes.month}>
      <caption>{name}</caption>
      <thead>
        <tr>
          {DAYS.map((day) => (
            <th key={day} scope="col">
              {t(`weekday.${day}`)}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks(days).map((week, at) => (
          <tr key={at}>
            {week.map((day, index) =>
              day ? (
                <td
                  key={day.day}
                  data-kind={kindOf(day)}
                  data-today={day.day === today || undefined}
                  title={dayWords(day)}
                >
                  {Number(day.day.slice(8))}
                </td>
              ) : (
                <td key={index} />
              ),
            )}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function dayWords(day: Day): string {
  const hours = day.opens && day.closes ? `${day.opens.slice(0, 5)}–${day.closes.slice(0, 5)}` : "";
  return [day.name, hours].filter(Boolean).join(" ");
}
