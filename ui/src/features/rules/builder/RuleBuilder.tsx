/**
 * The rule builder: nested cards that read as a sentence. The same for definitions, lists and the
 * row scopes of roles.
 *
 * Our own cards over a pure tree rather than a query-builder library: the language's values are
 * sentences of their own (rows narrowed by rules, periods, measures), which a field–operator–value
 * row cannot hold.
 */
import { ActionIcon, Button, Group as Row, Tooltip } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp, IconBraces, IconForms } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { toRule } from "../model/blocks";
import { type Catalog, type Locale, type Scope, subjectDataset } from "../model/catalog";
import { faultsByBlock } from "../model/faults";
import type { Fault, JsonObject } from "../model/json";
import classes from "./builder.module.css";
import { BuilderProvider, type Offer, type Shared } from "./context";
import { GroupBody } from "./GroupBody";
import { JsonView } from "./JsonView";
import { useTree } from "./useTree";

export interface RuleBuilderProps {
  /** The bare rule; null: nothing yet. */
  value: JsonObject | null;
  onChange: (rule: JsonObject) => void;
  catalog: Catalog;
  subject: string | null;
  purpose?: string | null;
  /** What a manager may filter by; absent: the whole catalog. */
  offered?: readonly Offer[] | null;
  /** Attributes of users that operands may name. */
  userFields?: readonly string[];
  faults?: readonly Fault[];
  /** Shows the rule as it is, without anything to change it. */
  readOnly?: boolean;
}

const NOTHING: readonly never[] = [];

export function RuleBuilder(props: RuleBuilderProps) {
  const { t, i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const { catalog, onChange, faults = NOTHING, userFields = NOTHING, readOnly = false } = props;
  const [asJson, setAsJson] = useState(false);
  const tree = useTree(props.value, onChange);
  const written = useMemo(() => toRule(tree.root, ["rule"]), [tree.root]);
  const byBlock = useMemo(() => faultsByBlock(faults, written.blocks), [faults, written.blocks]);
  const subject = subjectDataset(catalog, props.subject)?.name ?? "";
  const shared = useMemo<Shared>(
    () => ({
      catalog,
      locale,
      subject,
      purpose: props.purpose ?? null,
      offered: props.offered ?? null,
      userFields,
      readOnly,
      faults: byBlock,
      selected: tree.selected,
      root: tree.root,
      actions: tree.actions,
    }),
    [catalog, locale, subject, props.purpose, props.offered, userFields, readOnly, byBlock, tree],
  );
  const scope = useMemo<Scope>(
    () => ({ dataset: subject, subject, top: true, ofEvent: false }),
    [subject],
  );
  const loose = [...(byBlock.get("") ?? []), ...(byBlock.get(tree.root.id) ?? [])];

  function onKeyDown(event: KeyboardEvent) {
    const typing =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (typing || !(event.metaKey || event.ctrlKey) || event.key.toLowerCase() !== "z") return;
    event.preventDefault();
    if (event.shiftKey) tree.redo();
    else tree.undo();
  }

  return (
    <BuilderProvider value={shared}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only listens for undo and redo of what is inside */}
      <div
        className={classes.builder}
        data-rule-builder
        data-read-only={readOnly || undefined}
        onKeyDown={onKeyDown}
      >
        <Row gap={4} justify="flex-end" className={classes.tools}>
          {tree.selected !== null && !asJson && (
            <span className={classes.keys}>{t("builder.keys")}</span>
          )}
          <Tooltip label={t("builder.undo")}>
            <ActionIcon aria-label={t("builder.undo")} disabled={!tree.canUndo} onClick={tree.undo}>
              <IconArrowBackUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Tooltip label={t("builder.redo")}>
            <ActionIcon aria-label={t("builder.redo")} disabled={!tree.canRedo} onClick={tree.redo}>
              <IconArrowForwardUp size={16} aria-hidden />
            </ActionIcon>
          </Tooltip>
          <Button
            variant="subtle"
            color="gray"
            size="compact-sm"
            leftSection={
              asJson ? <IconForms size={14} aria-hidden /> : <IconBraces size={14} aria-hidden />
            }
            onClick={() => setAsJson(!asJson)}
          >
            {t(asJson ? "builder.form" : "builder.json")}
          </Button>
        </Row>
        {asJson ? (
          <JsonView
            json={toRule(tree.root).json}
            onApply={(json) => {
              tree.reset(json);
              setAsJson(false);
            }}
          />
        ) : (
          <GroupBody group={tree.root} scope={scope} depth={0} />
        )}
        {loose.map((fault) => (
          <div key={fault.path + fault.message} className={classes.fault} role="alert">
            {fault.message} {fault.remedy}
          </div>
        ))}
      </div>
    </BuilderProvider>
  );
}
