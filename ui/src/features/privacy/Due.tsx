import { useTranslation } from "react-i18next";
import { StatusBadge } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { pressing, type RequestRow } from "./data";

/** The last day to answer, and how many business days are left until then. */
export function Due({ row }: { row: RequestRow }) {
  const { t } = useTranslation("privacy");
  const format = useFormat();
  const day = format.plainDate(row.due);
  if (row.days_left === null || row.days_left === undefined) {
    return <span className="muted">{day}</span>;
  }
  const words = t(row.days_left < 0 ? "daysLate" : "daysLeft", {
    count: Math.abs(row.days_left),
  });
  const tone = pressing(row);
  return (
    <>
      {day}{" "}
      {tone ? (
        <StatusBadge tone={tone} plain>
          {words}
        </StatusBadge>
      ) : (
        <span className="muted">{words}</span>
      )}
    </>
  );
}
