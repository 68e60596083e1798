/** What managers may filter by when they make a list. */
import { SimpleGrid, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { useFormat } from "@/design/useFormat";
import { FindButton, ValueBuilder } from "@/features/rules";
import type { DefinitionFilter } from "../lists/types";
import type { EditorProps } from "./DefinitionPage";
import classes from "./editor.module.css";
import { ItemCard, moved } from "./ItemCard";
import { newFilter, relabelled, valueWords } from "./words";

export function FiltersEditor({ body, onChange, catalog, readOnly }: EditorProps) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const [open, setOpen] = useState<number | null>(null);
  const { filters } = body;
  const setFilters = (next: DefinitionFilter[]) => onChange({ ...body, filters: next });
  const change = (index: number, next: DefinitionFilter) =>
    setFilters(filters.map((filter, at) => (at === index ? next : filter)));
  return (
    <Section
      title={t("section.filters")}
      aside={<span className="muted">{t("filters.lead")}</span>}
    >
      {filters.length === 0 && <p className="muted">{t("filters.empty")}</p>}
      <ul className={classes.items}>
        {filters.map((filter, index) => (
          <ItemCard
            key={index}
            title={format.label(filter.label)}
            words={
              format.label(valueWords(catalog, body.subject, filter.value)?.label) || filter.name
            }
            note=""
            open={open === index}
            onToggle={() => setOpen(open === index ? null : index)}
            onMove={(step) => setFilters(moved(filters, index, step))}
            onRemove={() => setFilters(filters.filter((_, at) => at !== index))}
            first={index === 0}
            readOnly={readOnly}
            last={index === filters.length - 1}
          >
            <ValueBuilder
              value={filter.value}
              onChange={(value) => {
                if (JSON.stringify(value) !== JSON.stringify(filter.value))
                  change(index, {
                    ...filter,
                    value,
                    label: relabelled(catalog, body.subject, filter, value),
                  });
              }}
              catalog={catalog}
              subject={body.subject}
              purpose={body.purpose ?? null}
            />
            <SimpleGrid cols={{ base: 1, sm: 3 }} spacing="sm">
              <TextInput
                size="xs"
                label={t("columns.labelJa")}
                value={filter.label.ja}
                onChange={(event) =>
                  change(index, {
                    ...filter,
                    label: { ...filter.label, ja: event.currentTarget.value },
                  })
                }
              />
              <TextInput
                size="xs"
                label={t("columns.labelEn")}
                value={filter.label.en}
                onChange={(event) =>
                  change(index, {
                    ...filter,
                    label: { ...filter.label, en: event.currentTarget.value },
                  })
                }
              />
              <TextInput
                size="xs"
                label={t("columns.name")}
                value={filter.name}
                onChange={(event) => change(index, { ...filter, name: event.currentTarget.value })}
              />
            </SimpleGrid>
          </ItemCard>
        ))}
      </ul>
      {!readOnly && (
        <FindButton
          label={t("filters.add")}
          catalog={catalog}
          subject={body.subject}
          purpose={body.purpose ?? null}
          onFind={(value) =>
            setFilters([...filters, newFilter(catalog, body.subject, value, filters)])
          }
        />
      )}
    </Section>
  );
}
