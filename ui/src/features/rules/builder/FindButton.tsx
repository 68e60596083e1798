/** A button that opens the field finder outside the builder, and gives the chosen value as JSON. */
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";
import { newGroup } from "../model/blocks";
import { type Catalog, type Locale, subjectDataset } from "../model/catalog";
import type { JsonObject } from "../model/json";
import { startTest } from "../model/start";
import { writeSubject } from "../model/write";
import { alone, BuilderProvider } from "./context";
import { FieldFinder } from "./FieldFinder";
import { valueScope } from "./ValueBuilder";

interface Props {
  label: string;
  catalog: Catalog;
  subject: string | null;
  purpose?: string | null;
  onFind: (value: JsonObject) => void;
}

const EMPTY = newGroup();

export function FindButton({ label, catalog, subject, purpose, onFind }: Props) {
  const { i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const name = subjectDataset(catalog, subject)?.name ?? "";
  const shared = alone({ catalog, locale, subject: name, purpose: purpose ?? null, root: EMPTY });
  return (
    <BuilderProvider value={shared}>
      <FieldFinder
        scope={valueScope(name)}
        onPick={(found) => {
          const test = startTest(found);
          if (test) onFind(writeSubject(test.on));
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
