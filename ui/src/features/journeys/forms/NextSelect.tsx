/** Where a way leads, chosen by name: what drawing a line does, by keys. */
import { Select } from "@mantine/core";
import { useTranslation } from "react-i18next";
import { connect } from "../model/edit";
import type { WayId } from "../model/ways";
import { useWords } from "../words";
import { useEditing } from "./editing";

const END = "-";

interface Props {
  from: string;
  way: WayId;
  to: string | null;
  label: string;
  /** What no step means here: the walk ends, or goes on as usual. */
  none?: string;
}

export function NextSelect({ from, way, to, label, none }: Props) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  const { body, change } = useEditing();
  const steps = Object.entries(body.steps)
    .filter(([id]) => id !== from)
    .map(([id, step]) => ({ value: id, label: words.title(step) }));
  return (
    <Select
      label={label}
      size="xs"
      searchable
      allowDeselect={false}
      nothingFoundMessage={t("form.nothing")}
      value={to ?? END}
      data={[{ value: END, label: none ?? t("way.ends") }, ...steps]}
      onChange={(next) => next && change(connect(body, { from, way }, next === END ? null : next))}
    />
  );
}
