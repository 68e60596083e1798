/** What a message says of each person: values of the rule language under names, and her own name. */
import { Select, SimpleGrid, Switch, TextInput } from "@mantine/core";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { Section } from "@/design/Page";
import { Empty, Loading } from "@/design/states";
import { useFormat } from "@/design/useFormat";
import { ItemCard, moved } from "@/features/definitions/ItemCard";
import { type Catalog, FindButton, ValueBuilder } from "@/features/rules";
import { type Fields, FORMATS, type TemplateField, type ValueFormat } from "../model/body";
import {
  freeName,
  nameable,
  newField,
  renamed,
  revalued,
  SUBJECT,
  valueWords,
} from "../model/fields";
import { mark } from "../model/liquid";
import { usesOf } from "../model/reading";
import { AddressingSection } from "./AddressingSection";
import type { EditorProps } from "./context";
import { Findings } from "./Findings";
import classes from "./template.module.css";

export function FieldsTab(props: EditorProps & { jump: { path: string } | null }) {
  const { t } = useTranslation("messages");
  const { template, draft, checks, catalog, readOnly } = props;
  const asked = /^fields\.(\w+)/.exec(props.jump?.path ?? "")?.[1] ?? null;
  const [open, setOpen] = useState(asked);
  const { fields } = draft.body;
  const names = Object.keys(fields);
  const put = (next: Fields, mark?: string) =>
    draft.change((body) => ({ ...body, fields: next }), mark);
  if (!catalog) return <Loading lines={[60, 90, 90]} />;
  return (
    <>
      <Section title={t("fields.title")} aside={<span className="muted">{t("fields.lead")}</span>}>
        <Findings checks={checks.filter((one) => one.path.startsWith("fields"))} />
        {names.length === 0 && <Empty title={t("fields.none")}>{t("fields.noneText")}</Empty>}
        <ul className={classes.items}>
          {names.map((name, index) => (
            <FieldItem
              key={index}
              {...props}
              catalog={catalog}
              name={name}
              open={open === name}
              onToggle={() => setOpen(open === name ? null : name)}
              onMove={(step) => put(Object.fromEntries(moved(Object.entries(fields), index, step)))}
              onChange={(field, mark) => put({ ...fields, [name]: field }, `${name}:${mark}`)}
              onRename={(to) => {
                put(renamed(fields, name, to));
                setOpen(to);
              }}
              onRemove={() => {
                const { [name]: _, ...rest } = fields;
                put(rest);
              }}
              first={index === 0}
              last={index === names.length - 1}
            />
          ))}
        </ul>
        {!readOnly && (
          <FindButton
            label={t("fields.add")}
            catalog={catalog}
            subject={SUBJECT}
            purpose={template.purpose}
            onFind={(value) => {
              const name = freeName(value, names);
              put({ ...fields, [name]: newField(catalog, value) });
              setOpen(name);
            }}
          />
        )}
      </Section>
      <AddressingSection {...props} catalog={catalog} />
    </>
  );
}

type ItemProps = EditorProps & {
  catalog: Catalog;
  name: string;
  open: boolean;
  onToggle: () => void;
  onMove: (step: -1 | 1) => void;
  onChange: (field: TemplateField, mark: string) => void;
  onRename: (name: string) => void;
  onRemove: () => void;
  first: boolean;
  last: boolean;
};

function FieldItem(props: ItemProps) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const { draft, catalog, name, readOnly } = props;
  const field = draft.body.fields[name];
  if (!field) return null;
  const uses = usesOf(draft.body, name);
  return (
    <ItemCard
      title={format.label(field.label) || name}
      words={mark(name)}
      note={uses === 0 ? t("fields.unused") : t("fields.uses", { number: uses })}
      open={props.open}
      onToggle={props.onToggle}
      onMove={props.onMove}
      onRemove={props.onRemove}
      first={props.first}
      last={props.last}
      readOnly={readOnly}
    >
      <FieldDetail {...props} field={field} catalog={catalog} />
    </ItemCard>
  );
}

function FieldDetail(props: ItemProps & { field: TemplateField }) {
  const { t } = useTranslation("messages");
  const format = useFormat();
  const { template, draft, field, name, catalog, readOnly, onChange } = props;
  const [typed, setTyped] = useState(name);
  const others = Object.keys(draft.body.fields).filter((one) => one !== name);
  const good = nameable(typed, others);
  return (
    <>
      <div>
        <p className={classes.label}>
          {t("fields.value")}{" "}
          <span className="muted">{format.label(valueWords(catalog, field.value)?.label)}</span>
        </p>
        <ValueBuilder
          value={field.value}
          onChange={(value) => {
            if (JSON.stringify(value) !== JSON.stringify(field.value)) {
              onChange(revalued(catalog, field, value), "value");
            }
          }}
          catalog={catalog}
          subject={SUBJECT}
          purpose={template.purpose}
        />
      </div>
      <SimpleGrid cols={{ base: 1, sm: 2 }} spacing="md">
        <TextInput
          label={t("fields.name")}
          description={t("fields.nameText", { mark: mark(typed || "name") })}
          readOnly={readOnly}
          value={typed}
          error={!good && t("fields.nameBad")}
          onChange={(event) => setTyped(event.currentTarget.value.toLowerCase())}
          onBlur={() => good && typed !== name && props.onRename(typed)}
        />
        <TextInput
          label={t("fields.label")}
          description={t("fields.labelText")}
          readOnly={readOnly}
          maxLength={200}
          value={field.label[format.locale]}
          onChange={(event) =>
            onChange(
              { ...field, label: { ...field.label, [format.locale]: event.currentTarget.value } },
              "label",
            )
          }
        />
        <Select
          label={t("fields.format")}
          description={t("fields.formatText")}
          allowDeselect={false}
          readOnly={readOnly}
          value={field.format}
          data={FORMATS.map((one) => ({ value: one, label: t(`format.${one}`) }))}
          onChange={(next) => onChange({ ...field, format: next as ValueFormat }, "format")}
        />
        <div className={classes.stack}>
          <Switch
            label={t("fields.hasDefault")}
            description={t("fields.hasDefaultText")}
            disabled={readOnly}
            checked={field.default !== null}
            onChange={(event) =>
              onChange({ ...field, default: event.currentTarget.checked ? "" : null }, "has")
            }
          />
          {field.default !== null && (
            <TextInput
              aria-label={t("fields.default")}
              placeholder={t("fields.defaultEmpty")}
              readOnly={readOnly}
              maxLength={400}
              value={field.default}
              onChange={(event) =>
                onChange({ ...field, default: event.currentTarget.value }, "default")
              }
            />
          )}
        </div>
      </SimpleGrid>
    </>
  );
}
