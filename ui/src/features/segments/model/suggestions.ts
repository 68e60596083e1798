/** Values worth a look for anybody: what the catalog knows to be an age, a region, a category. */
import type { Catalog, JsonObject } from "@/features/rules";
import { valueWords } from "../../definitions/words";

interface Suggestion {
  value: JsonObject;
  label: { ja: string; en: string };
}

const TELLING = new Set(["prefecture", "branch", "category", "gender", "region", "segment"]);
const MOST = 5;

/** The first few fields of the subject that tell people apart and may serve the purpose. */
export function suggestions(
  catalog: Catalog,
  subject: string,
  purpose: string | null,
): Suggestion[] {
  const dataset = catalog.datasets.get(subject);
  if (!dataset) return [];
  const found: Suggestion[] = [];
  for (const field of dataset.fields) {
    if (field.purposes && (purpose === null || !field.purposes.includes(purpose))) continue;
    if (field.pii === "high" && field.meaning !== "birth_date") continue;
    const path =
      field.meaning === "birth_date"
        ? `${field.name}.age`
        : tells(field.type, field.meaning, field.name)
          ? field.name
          : null;
    if (path === null) continue;
    const value = { field: path };
    found.push({ value, label: valueWords(catalog, subject, value)?.label ?? field.label });
  }
  return found.slice(0, MOST);
}

function tells(type: string, meaning: string | null, name: string): boolean {
  if (type === "boolean") return true;
  return TELLING.has(meaning ?? "") || (type === "string" && TELLING.has(name));
}
