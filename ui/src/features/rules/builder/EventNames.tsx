/** Which events: any, or some by name. Names come from the catalog and, where a field holds them, from the data. */
import { useTranslation } from "react-i18next";
import { useValues } from "../data";
import { eventDatasets } from "../model/catalog";
import { useBuilder } from "./context";
import { InlineSelect } from "./InlineSelect";

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
  const choices = [
    { value: "*", label: t("finder.anyEvent") },
    ...datasets.flatMap((dataset) =>
      dataset.event?.name ? [{ value: dataset.event.name, label: dataset.label[locale] }] : [],
    ),
    ...(asked.data ?? []).map((one) => ({ value: String(one.value), label: String(one.value) })),
  ];
  const current = names[0] ?? "*";
  const all = choices.some((choice) => choice.value === current)
    ? choices
    : [...choices, { value: current, label: names.join(t("operand.comma")) }];
  return (
    <InlineSelect
      label={t("finder.events")}
      value={current}
      tone="strong"
      choices={all}
      onChange={(name) => onChange([name])}
    />
  );
}
