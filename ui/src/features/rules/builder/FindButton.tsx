/** A button that opens the field finder outside the builder, and gives the chosen value as JSON. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { newGroup, writeSubject } from "../model/blocks";
import { type Catalog, type Locale, subjectDataset } from "../model/catalog";
import type { JsonObject } from "../model/json";
import { BuilderProvider, type Shared } from "./context";
import { FieldFinder } from "./FieldFinder";
import { startTest } from "./GroupBody";
import { valueScope } from "./ValueBuilder";

interface Props {
  label: string;
  catalog: Catalog;
  subject: string | null;
  purpose?: string | null;
  onFind: (value: JsonObject) => void;
}

const NO_FAULTS = new Map();
const nothing = () => undefined;
const INERT: Shared["actions"] = {
  change: nothing,
  add: nothing,
  remove: nothing,
  duplicate: nothing,
  moveBy: nothing,
  moveTo: nothing,
  wrap: nothing,
  unwrap: nothing,
  select: nothing,
};
const EMPTY = newGroup();

export function FindButton({ label, catalog, subject, purpose, onFind }: Props) {
  const { i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const name = subjectDataset(catalog, subject)?.name ?? "";
  const shared: Shared = {
    catalog,
    locale,
    subject: name,
    purpose: purpose ?? null,
    offered: null,
    userFields: [],
    readOnly: false,
    faults: NO_FAULTS,
    selected: null,
    root: EMPTY,
    actions: INERT,
  };
  return (
    <BuilderProvider value={shared}>
      <FieldFinder
        scope={valueScope(name)}
        onPick={(found) => {
          const test = startTest(found);
          if (test.kind === "test") onFind(writeSubject(test.on));
        }}
        target={(open) => (
          <Button
            variant="light"
            size="compact-sm"
            leftSection={<IconPlus size={14} aria-hidden />}
            onClick={open}
          >
            {label}
          </Button>
        )}
      />
    </BuilderProvider>
  );
}
