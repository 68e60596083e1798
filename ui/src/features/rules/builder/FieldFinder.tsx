/** Finds a field, related rows or an event by typing; a popover under a word of the sentence. */
import { Combobox, Group as Row, Text } from "@mantine/core";
import {
  IconCalendarEvent,
  IconLetterT,
  IconLink,
  IconListCheck,
  IconNumber,
  IconToggleLeft,
  IconUsersGroup,
} from "@tabler/icons-react";
import { type ReactNode, useMemo, useRef } from "react";
import { useTranslation } from "react-i18next";
import en from "../en.json";
import ja from "../ja.json";
import {
  allowance,
  type Catalog,
  datasetOfEvent,
  eventDatasets,
  type FieldType,
  type FoundField,
  type Locale,
  type Part,
  reachableFields,
  reachableRelations,
  resolve,
  resolveRelation,
  type Scope,
} from "../model/catalog";
import {
  type Found,
  foldForFinding,
  foundEvent,
  foundField,
  foundRelation,
  foundSet,
  search,
} from "../model/finder";
import { familyOf } from "../model/ops";
import { subjectOf } from "../model/read";
import classes from "./builder.module.css";
import { type Offer, useBuilder } from "./context";
import { setHint } from "./SetPicker";
import { useFirstOption, usePicker } from "./usePicker";

/** The name of a part in both languages; `age` of a birth date is simply the age. */
export function partLabel(part: Part, meaning: string | null): { ja: string; en: string } {
  const key = part === "age" && meaning === "birth_date" ? "ageOfBirth" : part;
  return { ja: ja.part[key], en: en.part[key] };
}

function meaningOf(catalog: Catalog, field: FoundField): string | null {
  const known = catalog.datasets.get(field.dataset)?.fields.find((f) => f.name === field.field);
  return known?.meaning ?? null;
}

/** A field's words: the way to it, its label and its part. */
export function fieldLabel(catalog: Catalog, field: FoundField, locale: Locale): string {
  const words = field.trail.map((label) => label[locale]);
  if (field.part) {
    const part = partLabel(field.part, meaningOf(catalog, field))[locale];
    if (field.part === "age" && meaningOf(catalog, field) === "birth_date") {
      return [...words.slice(0, -1), part].join(" › ");
    }
    words.push(part);
  }
  return words.join(" › ");
}

const NO_LABEL = { ja: "", en: "" };

/** Everything that can be found in a scope. */
export function findable(
  catalog: Catalog,
  scope: Scope,
  locale: Locale,
  options: { fieldsOnly: boolean; accepts: ((field: FoundField) => boolean) | null },
): Found[] {
  const labelOf = (name: string) => catalog.datasets.get(name)?.label ?? NO_LABEL;
  const fields: Found[] = reachableFields(catalog, scope)
    .filter((field) => options.accepts?.(field) ?? true)
    .map((field) => {
      const part = field.part ? partLabel(field.part, meaningOf(catalog, field)) : null;
      return foundField(field, locale, part, labelOf(field.dataset));
    });
  if (options.fieldsOnly) return fields;
  const related: Found[] = reachableRelations(catalog, scope.dataset).map((relation) =>
    foundRelation(relation, locale, labelOf(relation.target)),
  );
  if (!scope.top) return [...fields, ...related];
  const events: Found[] = eventDatasets(catalog, scope.subject).map((dataset) =>
    foundEvent(
      { name: dataset.event?.name ?? "*", label: dataset.label, dataset: dataset.name },
      locale,
      dataset.label,
    ),
  );
  return [...fields, ...related, ...events];
}

/** The filters a definition offers, under their own labels. */
export function offeredFound(
  catalog: Catalog,
  scope: Scope,
  locale: Locale,
  offered: readonly Offer[],
): Found[] {
  return offered.flatMap((offer): Found[] => {
    const { value } = offer;
    const words = [offer.label.ja, offer.label.en, offer.name];
    if (typeof value.field === "string") {
      const field = resolve(catalog, scope, value.field);
      if (!field) return [];
      const hint = catalog.datasets.get(field.dataset)?.label[locale] ?? "";
      const found = foundField(
        field,
        locale,
        null,
        catalog.datasets.get(field.dataset)?.label ?? NO_LABEL,
      );
      return [
        {
          ...found,
          label: offer.label[locale],
          hint,
          words: [...words.map(foldForFinding), ...found.words],
        } as Found,
      ];
    }
    const on = subjectOf(value);
    if (on === null || on.kind === "field") return [];
    const label = {
      label: offer.label[locale],
      hint: "",
      words: words.map(foldForFinding),
      start: on,
    };
    if (on.kind === "related") {
      const relation = resolveRelation(catalog, scope.dataset, on.relation);
      return relation ? [{ kind: "related", relation, ...label }] : [];
    }
    const dataset = datasetOfEvent(catalog, scope.subject, on.names[0] ?? "*");
    if (!dataset) return [];
    const event = { name: on.names[0] ?? "*", label: offer.label, dataset: dataset.name };
    return [{ kind: "event", event, ...label }];
  });
}

export function TypeIcon({ type }: { type: FieldType }) {
  const props = { size: 14, "aria-hidden": true, className: classes.typeIcon } as const;
  switch (familyOf(type)) {
    case "number":
      return <IconNumber {...props} />;
    case "date":
      return <IconCalendarEvent {...props} />;
    case "boolean":
      return <IconToggleLeft {...props} />;
    default:
      return <IconLetterT {...props} />;
  }
}

function FoundIcon({ found }: { found: Found }) {
  const props = { size: 14, "aria-hidden": true, className: classes.typeIcon } as const;
  switch (found.kind) {
    case "field":
      return <TypeIcon type={found.field.type} />;
    case "related":
      return <IconLink {...props} />;
    case "event":
      return <IconCalendarEvent {...props} />;
    case "set":
      return found.set.kind === "list" ? (
        <IconListCheck {...props} />
      ) : (
        <IconUsersGroup {...props} />
      );
  }
}

interface Props {
  scope: Scope;
  fieldsOnly?: boolean;
  accepts?: (field: FoundField) => boolean;
  onPick: (found: Found) => void;
  /** The word that opens the finder. */
  target: (open: () => void, opened: boolean) => ReactNode;
  /** Whether the focus returns to the word after a choice; not when it makes a new block. */
  refocus?: boolean;
}

export function FieldFinder({
  scope,
  fieldsOnly = false,
  accepts,
  onPick,
  target,
  refocus = true,
}: Props) {
  const { t } = useTranslation("rules");
  const { catalog, locale, purpose, offered, sets } = useBuilder();
  const picked = useRef(false);
  const picker = usePicker(() => {
    const back = refocus || !picked.current;
    picked.current = false;
    return back;
  });
  const { combobox, query, setQuery } = picker;
  const opened = combobox.dropdownOpened;
  const all = useMemo(
    () =>
      opened ? findable(catalog, scope, locale, { fieldsOnly, accepts: accepts ?? null }) : [],
    [opened, catalog, scope, locale, fieldsOnly, accepts],
  );
  const allowed = useMemo(() => {
    if (!scope.top || fieldsOnly) return all;
    if (offered !== null) return offeredFound(catalog, scope, locale, offered);
    return [...all, ...sets.map((set) => foundSet(set, locale, setHint(set.kind)))];
  }, [all, catalog, scope, locale, offered, fieldsOnly, sets]);
  const found = useMemo(() => search(allowed, query), [allowed, query]);
  useFirstOption(picker, found.map((one) => one.label).join("\n"));
  const purposeLabel =
    catalog.purposes.find((p) => p.name === purpose)?.label[locale] ?? purpose ?? "";

  return (
    <Combobox
      store={combobox}
      {...picker.popover}
      width={380}
      position="bottom-start"
      onOptionSubmit={(index) => {
        const chosen = found[Number(index)];
        picked.current = chosen !== undefined;
        if (chosen) onPick(chosen);
        combobox.closeDropdown();
      }}
    >
      <Combobox.Target withAriaAttributes={false}>
        {target(() => combobox.toggleDropdown(), opened)}
      </Combobox.Target>
      <Combobox.Dropdown>
        <Combobox.Search
          ref={picker.search}
          value={query}
          aria-label={t("finder.label")}
          placeholder={t("finder.placeholder")}
          onChange={(event) => setQuery(event.currentTarget.value)}
        />
        <Combobox.Options mah={340} className={classes.options} aria-label={t("finder.label")}>
          {found.length === 0 && <Combobox.Empty>{t("finder.none", { query })}</Combobox.Empty>}
          {(["field", "related", "event", "set"] as const).map((kind) => (
            <Section
              key={kind}
              kind={kind}
              found={found}
              purpose={purpose}
              purposeLabel={purposeLabel}
              showTitle={!fieldsOnly}
            />
          ))}
        </Combobox.Options>
      </Combobox.Dropdown>
    </Combobox>
  );
}

const TITLES = {
  field: "finder.fields",
  related: "finder.related",
  event: "finder.events",
  set: "finder.sets",
} as const;

function Section(props: {
  kind: Found["kind"];
  found: readonly Found[];
  purpose: string | null;
  purposeLabel: string;
  showTitle: boolean;
}) {
  const { t } = useTranslation("rules");
  const rows = props.found
    .map((found, index) => ({ found, index }))
    .filter(({ found }) => found.kind === props.kind);
  if (rows.length === 0) return null;
  const options = rows.map(({ found, index }) => {
    const allowed = found.kind === "field" ? allowance(found.field, props.purpose) : "yes";
    return (
      <Combobox.Option key={index} value={String(index)} disabled={allowed === "no"}>
        <Row gap={8} wrap="nowrap" justify="space-between">
          <Row gap={8} wrap="nowrap" className={classes.foundName}>
            <FoundIcon found={found} />
            <span>{found.label}</span>
          </Row>
          <Text size="xs" c="dimmed" className={classes.foundHint}>
            {allowed === "no"
              ? t(props.purpose ? "finder.notAllowed" : "finder.needsPurpose", {
                  purpose: props.purposeLabel,
                })
              : allowed === "consent"
                ? t("finder.needsConsent")
                : found.hint}
          </Text>
        </Row>
      </Combobox.Option>
    );
  });
  return props.showTitle ? (
    <Combobox.Group label={t(TITLES[props.kind])}>{options}</Combobox.Group>
  ) : (
    options
  );
}
