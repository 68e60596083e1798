import { useTranslation } from "react-i18next";
import { useSession } from "@/app/session";
import { useFormat } from "@/design/useFormat";
import type { ShownField } from "./types";
import { writeValue } from "./value";

/** Writes the value of a field; null when there is none. */
export function useValue(): (
  field: Pick<ShownField, "type" | "meaning" | "scale">,
  value: unknown,
) => string | null {
  const { t } = useTranslation("customers");
  const format = useFormat();
  const today = useSession()?.workspace.today ?? new Date().toISOString().slice(0, 10);
  const words = { yes: t("yes"), no: t("no"), years: (years: number) => t("years", { years }) };
  return (field, value) => writeValue(field, value, format, words, today);
}
