/** The columns of a definition: any value of the language, under a label, in an order. */
import { Select, SimpleGrid, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Remark } from "@/design/StatusBadge";
import { useFormat } from "@/design/useFormat";
import { FindButton, ValueBuilder } from "@/features/rules";
import type { ColumnFormat, DefinitionColumn } from "../lists/types";
import type { EditorProps } from "./DefinitionPage";
import classes from "./editor.module.css";
import { ItemCard, moved } from "./ItemCard";
import { newColumn, revalued, valueWords } from "./words";

const FORMATS: readonly ColumnFormat[] = [
  "text",
  "number",
  "money",
  "percent",
  "date",
  "datetime",
  "boolean",
  "phone",
  "email",
  "list",
];

export function ColumnsEditor({ body, onChange, catalog, readOnly, faults }: EditorProps) {
  const { t } = useTranslation("definitions");
  const format = useFormat();
  const [open, setOpen] = useState<string | null>(null);
  const columns = [...body.columns].sort((a, b) => a.order - b.order);
  const setColumns = (next: readonly DefinitionColumn[]) =>
    onChange({ ...body, columns: next.map((column, order) => ({ ...column, order })) });
  const change = (index: number, next: DefinitionColumn) =>
    setColumns(columns.map((column, at) => (at === index ? next : column)));
  const mine = faults.filter((fault) => fault.path.includes("columns"));
  return (
    <Section
      title={t("section.columns")}
      aside={<span className="muted">{t("columns.lead")}</span>}
    >
      {mine.map((fault) => (
        <Remark key={fault.path + fault.message} tone="warn">
          {fault.message} {fault.remedy}
        </Remark>
      ))}

      <ul className={classes.items}>
        {columns.map((column, index) => (
          <ItemCard
            key={index}
            title={format.label(column.label)}
            words={
              format.label(valueWords(catalog, body.subject, column.value)?.label) || column.name
            }
            note={t(`format.${column.format}`)}
            open={open === column.name}
            onToggle={() => setOpen(open === column.name ? null : column.name)}
            onMove={(step) => setColumns(moved(columns, index, step))}
            onRemove={() => setColumns(columns.filter((_, at) => at !== index))}
            first={index === 0}
            readOnly={readOnly}
            last={index === columns.length - 1}
          >
            <ColumnDetail
              column={column}
              onChange={(next) => {
                change(index, next);
                setOpen(next.name);
              }}
              body={body}
              catalog={catalog}
            />
          </ItemCard>
        ))}
      </ul>
      {!readOnly && (
        <FindButton
          label={t("columns.add")}
          catalog={catalog}
          subject={body.subject}
          purpose={body.purpose ?? null}
          onFind={(value) => {
            const made = newColumn(catalog, body.subject, value, columns);
            setColumns([...columns, made]);
            setOpen(made.name);
          }}
        />
      )}
    </Section>
  );
}

function ColumnDetail(
  props: Pick<EditorProps, "body" | "catalog"> & {
    column: DefinitionColumn;
    onChange: (column: DefinitionColumn) => void;
  },
) {
  const { t } = useTranslation("definitions");
  const { column, onChange, body, catalog } = props;
  return (
    <>
      <div>
        <p className={classes.valueLabel}>{t("columns.value")}</p>
        <ValueBuilder
          value={column.value}
          onChange={(value) => {
            if (JSON.stringify(value) !== JSON.stringify(column.value))
              onChange(revalued(catalog, body.subject, column, value));
          }}
          catalog={catalog}
          subject={body.subject}
          purpose={body.purpose ?? null}
        />
      </div>
      <SimpleGrid cols={{ base: 1, sm: 2, lg: 5 }} spacing="sm">
        <TextInput
          size="xs"
          label={t("columns.labelJa")}
          value={column.label.ja}
          onChange={(event) =>
            onChange({ ...column, label: { ...column.label, ja: event.currentTarget.value } })
          }
        />
        <TextInput
          size="xs"
          label={t("columns.labelEn")}
          value={column.label.en}
          onChange={(event) =>
            onChange({ ...column, label: { ...column.label, en: event.currentTarget.value } })
          }
        />
        <TextInput
          size="xs"
          label={t("columns.name")}
          value={column.name}
          onChange={(event) => onChange({ ...column, name: event.currentTarget.value })}
        />
        <Select
          size="xs"
          label={t("columns.format")}
          allowDeselect={false}
          value={column.format}
          data={FORMATS.map((one) => ({ value: one, label: t(`format.${one}`) }))}
          onChange={(next) => next && onChange({ ...column, format: next as ColumnFormat })}
        />
        <Select
          size="xs"
          label={t("columns.role")}
          allowDeselect={false}
          value={column.role ?? "none"}
          data={(["none", "owner", "branch"] as const).map((one) => ({
            value: one,
            label: t(`role.${one}`),
          }))}
          onChange={(next) =>
            onChange({ ...column, role: next === "owner" || next === "branch" ? next : null })
          }
        />
      </SimpleGrid>
    </>
  );
}
