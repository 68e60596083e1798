/** Edits one value of the language: a field, or rows measured. For columns and scores. */
import { useCallback, useMemo } from "react";
import { useTranslation } from "react-i18next";
import {
  type Catalog,
  type Locale,
  resolve,
  resolveRelation,
  type Scope,
  subjectDataset,
} from "../model/catalog";
import type { JsonObject } from "../model/json";
import { measureType } from "../model/ops";
import { subjectOf } from "../model/read";
import { toRule, writeSubject } from "../model/write";
import classes from "./builder.module.css";
import { alone, BuilderProvider } from "./context";
import { fieldLabel } from "./FieldFinder";
import { innerScope } from "./RowsSentence";
import { TestSentence } from "./TestSentence";
import { useTree } from "./useTree";

interface Props {
  value: JsonObject;
  onChange: (value: JsonObject) => void;
  catalog: Catalog;
  subject: string | null;
  purpose?: string | null;
}

export function ValueBuilder({ value, onChange, catalog, subject, purpose }: Props) {
  const { i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const rule = useMemo(() => ({ all: [value] }), [value]);
  const changed = useCallback(
    (json: JsonObject) => {
      const [first] = Array.isArray(json.all) ? json.all : [];
      if (typeof first !== "object" || first === null || Array.isArray(first)) return;
      const on = subjectOf(first);
      if (on) onChange(writeSubject(on));
    },
    [onChange],
  );
  const tree = useTree(rule, changed);
  const name = subjectDataset(catalog, subject)?.name ?? "";
  const scope = valueScope(name);
  const shared = alone(
    { catalog, locale, subject: name, purpose: purpose ?? null, root: tree.root },
    tree.actions,
  );
  const [first] = tree.root.children;
  if (first?.kind !== "test") return <code>{JSON.stringify(toRule(tree.root).json)}</code>;
  return (
    <BuilderProvider value={shared}>
      <div className={classes.builder} data-rule-builder>
        <TestSentence test={first} scope={scope} depth={0} valueOnly />
      </div>
    </BuilderProvider>
  );
}

export function valueScope(subject: string): Scope {
  return { dataset: subject, subject, top: true, ofEvent: false };
}

/** What a value is, said shortly: its words, its type and what it means. */
export interface ValueWords {
  label: { ja: string; en: string };
  type: string;
  meaning: string | null;
}

/** Words for a value in both languages; null when the catalog does not know it. */
export function wordsOf(
  catalog: Catalog,
  subject: string | null,
  value: JsonObject,
  measures: { ja: Record<string, string>; en: Record<string, string> },
): ValueWords | null {
  const on = subjectOf(value);
  const name = subjectDataset(catalog, subject)?.name;
  if (!on || !name) return null;
  const scope = valueScope(name);
  if (on.kind === "field") {
    const field = resolve(catalog, scope, on.path);
    if (!field) return null;
    return {
      label: { ja: fieldLabel(catalog, field, "ja"), en: fieldLabel(catalog, field, "en") },
      type: field.type,
      meaning: field.meaning,
    };
  }
  const inside = innerScope(catalog, scope, on);
  if (!inside) return null;
  const field = on.measure.kind === "count" ? null : resolve(catalog, inside, on.measure.field);
  const rows =
    on.kind === "related"
      ? resolveRelation(catalog, name, on.relation)?.trail.at(-1)
      : catalog.datasets.get(inside.dataset)?.label;
  const say = (locale: Locale) =>
    [
      rows?.[locale] ?? "",
      field ? fieldLabel(catalog, field, locale) : "",
      measures[locale][on.measure.kind] ?? "",
    ]
      .filter((word) => word !== "")
      .join(locale === "ja" ? "の" : " · ");
  return {
    label: { ja: say("ja"), en: say("en") },
    type: measureType(on.measure, field?.type ?? null),
    meaning: ["count", "distinct"].includes(on.measure.kind) ? null : (field?.meaning ?? null),
  };
}
