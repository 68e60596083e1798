/** What the people of a segment are like: a chart for each value somebody asks for. */
import { useQuery } from "@tanstack/react-query";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Empty } from "@/design/states";
import { type Catalog, FindButton, type JsonObject } from "@/features/rules";
import { compositionQuery } from "./api";
import { CompositionChart } from "./CompositionChart";
import { suggestions } from "./model/suggestions";
import { CHARTS } from "./model/values";
import classes from "./segments.module.css";
import type { Segment } from "./types";
import { useSegmentSearch } from "./useSegmentSearch";

interface Props {
  segment: Segment;
  catalog: Catalog;
}

export function CompositionTab({ segment, catalog }: Props) {
  const { t } = useTranslation("segments");
  const { search, set } = useSegmentSearch();
  const values = search.by ?? [];
  const write = (next: JsonObject[], replace = false) =>
    set({ by: next.length > 0 ? next : undefined }, replace);
  const add = (value: JsonObject) => {
    if (!values.some((one) => JSON.stringify(one) === JSON.stringify(value))) {
      write([...values, value]);
    }
  };
  const find = values.length < CHARTS && (
    <FindButton
      label={t("composition.add")}
      catalog={catalog}
      subject={segment.subject}
      purpose={segment.purpose}
      onFind={add}
    />
  );
  if (values.length === 0) {
    return (
      <Empty title={t("composition.empty")} action={find}>
        <p>{t("composition.emptyText")}</p>
        <Suggested segment={segment} catalog={catalog} onAdd={add} />
      </Empty>
    );
  }
  return (
    <>
      <div className={classes.grid}>
        {values.map((value, index) => (
          <Section key={`${index}:${JSON.stringify(value)}`}>
            <OneComposition
              segment={segment}
              catalog={catalog}
              value={value}
              onChange={(next) =>
                write(
                  values.map((one, at) => (at === index ? next : one)),
                  true,
                )
              }
              onRemove={() => write(values.filter((_, at) => at !== index))}
            />
          </Section>
        ))}
      </div>
      {find}
    </>
  );
}

/** A few values that tell much of anybody, one click away. */
function Suggested(props: Props & { onAdd: (value: JsonObject) => void }) {
  const { t, i18n } = useTranslation("segments");
  const { segment, catalog, onAdd } = props;
  const locale = i18n.language === "en" ? "en" : "ja";
  const found = suggestions(catalog, segment.subject, segment.purpose);
  if (found.length === 0) return null;
  return (
    <div className={classes.suggested} role="group" aria-label={t("composition.suggested")}>
      {found.map(({ value, label }) => (
        <button
          key={label.en}
          type="button"
          className={classes.suggestion}
          onClick={() => onAdd(value)}
        >
          {label[locale]}
        </button>
      ))}
    </div>
  );
}

interface OneProps extends Props {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  onRemove: () => void;
}

function OneComposition(props: OneProps) {
  const query = useQuery(compositionQuery(props.segment, props.value));
  return <CompositionChart {...props} query={query} />;
}
