/** Which events: any, or some by name. Names come from the catalog and, where a field holds them, from the data. */
import { useTranslation } from "react-i18next";
import { useValues } from "../data";
import { eventDatasets } from "../model/catalog";
import { useBuilder } from "./context";
import { NO_FIELD, ValuesPicker } from "./ValuesPicker";

interface Props {
  names: readonly string[];
  subject: string;
  onChange: (names: string[]) => void;
}

export function EventNames({ names, subject, onChange }: Props) {
  const { t } = useTranslation("rules");
  const { catalog, locale } = useBuilder();
  const datasets = eventDatasets(catalog, subject);
  const named = datasets.find((dataset) => dataset.event?.nameField);
  const asked = useValues(
    named?.name ?? "",
    named?.event?.nameField ?? "",
    "",
    named !== undefined,
  );
  const labels = new Map<string, string>([["*", t("finder.anyEvent")]]);
  for (const dataset of datasets) {
    if (dataset.event?.name) labels.set(dataset.event.name, dataset.label[locale]);
  }
  for (const one of asked.data ?? []) labels.set(String(one.value), String(one.value));
  for (const name of names) if (!labels.has(name)) labels.set(name, name);
  return (
    <ValuesPicker
      field={NO_FIELD}
      values={names}
      multiple
      strong
      label={t("finder.events")}
      placeholder={t("sequence.chooseEvent")}
      fixed={[...labels.keys()]}
      labels={(name) => labels.get(name) ?? name}
      onChange={(next) => {
        const chosen = next.map(String);
        // "Any event" and names of events exclude each other.
        const any = chosen.includes("*") && !names.includes("*");
        const some = chosen.filter((name) => name !== "*");
        onChange(any || some.length === 0 ? ["*"] : some);
      }}
    />
  );
}
