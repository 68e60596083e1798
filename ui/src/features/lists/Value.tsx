/** One value of a member, shown as its column says. */
import { IconCheck, IconEyeOff, IconMinus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import classes from "./lists.module.css";
import type { Column } from "./types";

type Shown = Pick<Column, "format" | "masked" | "name">;

const NUMERIC = new Set(["number", "money", "percent"]);

export function columnAlign(column: Pick<Column, "format">): "start" | "end" {
  return NUMERIC.has(column.format) ? "end" : "start";
}

export function columnWidth(column: Pick<Column, "format" | "label">): number {
  const label = [...column.label].length * 13 + 40;
  switch (column.format) {
    case "money":
    case "number":
    case "percent":
      return Math.max(110, label);
    case "date":
      return Math.max(130, label);
    case "datetime":
      return Math.max(160, label);
    case "boolean":
      return Math.max(80, label);
    case "phone":
      return Math.max(140, label);
    default:
      return Math.max(150, label);
  }
}

/** The text of a value; for sentences and details. */
export function useValueText(): (column: Shown, value: unknown) => string {
  const format = useFormat();
  const { t } = useTranslation("lists");
  return (column, value) => {
    if (value === null || value === undefined || value === "") return "–";
    switch (column.format) {
      case "money":
        return format.money(value as number | string);
      case "number":
        return format.number(value as number | string, 2);
      case "percent":
        return `${format.number(Number(value) * (Math.abs(Number(value)) <= 1 ? 100 : 1), 2)}%`;
      case "date":
        return format.plainDate(String(value));
      case "datetime":
        return format.dateTime(String(value));
      case "boolean":
        return t(value === true ? "yes" : "no");
      default:
        return Array.isArray(value) ? value.join(t("comma")) : String(value);
    }
  };
}

export function CellValue({ column, value }: { column: Shown; value: unknown }) {
  const { t } = useTranslation("lists");
  const text = useValueText()(column, value);
  if (column.masked) {
    return (
      <span className={classes.masked} title={t("masked")}>
        <IconEyeOff size={14} aria-label={t("masked")} />
      </span>
    );
  }
  if (text === "–") return <span className="muted">–</span>;
  if (column.format === "boolean") {
    const Icon = value === true ? IconCheck : IconMinus;
    return <Icon size={14} aria-label={text} />;
  }
  return <span title={text}>{text}</span>;
}
