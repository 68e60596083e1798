/** What is being dragged, beside the pointer. */

import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Block, Group } from "../model/blocks";
import { resolve } from "../model/catalog";
import { find } from "../model/edit";
import classes from "./builder.module.css";
import { type Shared, useBuilder } from "./context";
import { fieldLabel } from "./FieldFinder";

export function DragGhost(props: { root: Group; id: string; x: number; y: number }) {
  const { t } = useTranslation("rules");
  const shared = useBuilder();
  const block = find(props.root, props.id)?.block;
  if (!block) return null;
  return createPortal(
    <div
      className={classes.ghost}
      style={{ transform: `translate(${props.x + 12}px, ${props.y + 12}px)` }}
      aria-hidden
    >
      {nameOf(block, shared) ?? t("builder.card")}
    </div>,
    document.body,
  );
}

/** A few words for a block; null when it has none of its own. */
function nameOf(block: Block, { catalog, locale, subject, sets }: Shared): string | null {
  if (block.kind === "membership") {
    return sets.find((set) => set.slug === block.slug)?.label[locale] ?? null;
  }
  if (block.kind !== "test" || block.on.kind !== "field") return null;
  const scope = { dataset: subject, subject, top: true, ofEvent: false };
  const field = resolve(catalog, scope, block.on.path);
  return field && fieldLabel(catalog, field, locale);
}
