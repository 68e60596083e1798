/**
 * The rule builder: nested cards that read as a sentence. The same for segments, definitions, lists
 * and the row scopes of roles.
 *
 * Our own cards over a pure tree rather than a query-builder library: the language's values are
 * sentences of their own (rows narrowed by rules, periods, measures), which a field–operator–value
 * row cannot hold.
 */
import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { useMay } from "@/app/session";
import { setsQuery } from "../data";
import { type Catalog, type Locale, type Scope, subjectDataset } from "../model/catalog";
import { faultsByBlock } from "../model/faults";
import type { Fault, JsonObject } from "../model/json";
import type { RuleSet } from "../model/sets";
import { waitingFor } from "../model/waiting";
import { toRule } from "../model/write";
import classes from "./builder.module.css";
import { CodeView } from "./CodeView";
import { BuilderProvider, type Offer, type Shared } from "./context";
import { DragGhost } from "./DragGhost";
import { GroupBody } from "./GroupBody";
import { type BuilderView, Toolbar } from "./Toolbar";
import { useDrag } from "./useDrag";
import { type Said, useTree } from "./useTree";

export interface RuleBuilderProps {
  /** The bare rule; null: nothing yet. */
  value: JsonObject | null;
  onChange: (rule: JsonObject) => void;
  catalog: Catalog;
  subject: string | null;
  /** Where the rule starts when not at the subject: the rows of an event. */
  within?: Scope | undefined;
  purpose?: string | null;
  /** What a manager may filter by; absent: the whole catalog. */
  offered?: readonly Offer[] | null;
  /** Attributes of users that operands may name. */
  userFields?: readonly string[];
  faults?: readonly Fault[];
  /** Shows the rule as it is, without anything to change it. */
  readOnly?: boolean;
  /** Compares the rule as it is now with the one that was opened; absent: not offered. */
  onCompare?: ((before: JsonObject, now: JsonObject) => void) | undefined;
}

const NOTHING: readonly never[] = [];

export function RuleBuilder(props: RuleBuilderProps) {
  const { i18n } = useTranslation("rules");
  const locale: Locale = i18n.language === "en" ? "en" : "ja";
  const { catalog, onChange, faults = NOTHING, userFields = NOTHING, readOnly = false } = props;
  const [view, setView] = useState<BuilderView>("form");
  const [opened] = useState(props.value);
  const tree = useTree(props.value, onChange);
  const { dragging, grab } = useDrag(tree.root, tree.actions.moveTo);
  const written = useMemo(() => toRule(tree.root, ["rule"]), [tree.root]);
  const byBlock = useMemo(() => faultsByBlock(faults, written.blocks), [faults, written.blocks]);
  const subject = subjectDataset(catalog, props.subject)?.name ?? "";
  const sets = useSets(subject, props.offered == null);
  const drop = dragging?.drop ?? null;
  const dragged = dragging?.id ?? null;
  const shared = useMemo<Shared>(
    () => ({
      catalog,
      locale,
      subject,
      purpose: props.purpose ?? null,
      offered: props.offered ?? null,
      sets,
      userFields,
      readOnly,
      faults: byBlock,
      selected: tree.selected,
      focus: tree.focus,
      root: tree.root,
      actions: tree.actions,
      dragged,
      drop,
      grab,
    }),
    [
      catalog,
      locale,
      subject,
      props.purpose,
      props.offered,
      sets,
      userFields,
      readOnly,
      byBlock,
      tree.selected,
      tree.focus,
      tree.root,
      tree.actions,
      dragged,
      drop,
      grab,
    ],
  );
  const { within } = props;
  const scope = useMemo<Scope>(
    () => within ?? { dataset: subject, subject, top: true, ofEvent: false },
    [subject, within],
  );
  const loose = [...(byBlock.get("") ?? []), ...(byBlock.get(tree.root.id) ?? [])];
  const { onCompare } = props;

  function onKeyDown(event: KeyboardEvent) {
    const typing =
      event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement;
    if (typing || !(event.metaKey || event.ctrlKey)) return;
    const key = event.key.toLowerCase();
    if (key === "z" && !event.shiftKey) tree.undo();
    else if (key === "y" || (key === "z" && event.shiftKey)) tree.redo();
    else return;
    event.preventDefault();
  }

  return (
    <BuilderProvider value={shared}>
      {/* biome-ignore lint/a11y/noStaticElementInteractions: only listens for undo and redo of what is inside */}
      <div
        className={classes.builder}
        data-rule-builder
        data-read-only={readOnly || undefined}
        data-dragging={dragging !== null || undefined}
        onKeyDown={onKeyDown}
      >
        <Toolbar
          view={view}
          onView={setView}
          tree={tree}
          onCompare={
            onCompare && waitingFor(opened) === null
              ? () => onCompare(opened ?? {}, written.json)
              : undefined
          }
        />
        {view === "form" ? (
          <GroupBody group={tree.root} scope={scope} depth={0} />
        ) : (
          <CodeView
            key={view}
            language={view}
            json={written.json}
            readOnly={readOnly}
            faults={faults}
            onApply={tree.reset}
          />
        )}
        {view === "form" &&
          loose.map((fault) => (
            <div key={fault.path + fault.message} className={classes.fault} role="alert">
              {fault.message} {fault.remedy}
            </div>
          ))}
        <Heard said={tree.said} />
        {dragging && <DragGhost root={tree.root} id={dragging.id} x={dragging.x} y={dragging.y} />}
      </div>
    </BuilderProvider>
  );
}

const NO_SETS: readonly RuleSet[] = [];

/** The segments and lists of one subject; none for who may not build rules over everything. */
function useSets(subject: string, wanted: boolean): readonly RuleSet[] {
  const may = useMay();
  const query = useQuery({ ...setsQuery, enabled: wanted && may("rules.preview") });
  const { data } = query;
  return useMemo(() => data?.filter((set) => set.subject === subject) ?? NO_SETS, [data, subject]);
}

/** What the last edit did, for screen readers. */
function Heard({ said }: { said: Said | null }) {
  const { t } = useTranslation("rules");
  return (
    <div className={classes.heard} role="status" aria-live="assertive">
      {said && (
        <span key={said.turn}>
          {t(`said.${said.key}`, { position: said.position ?? 0, total: said.total ?? 0 })}
        </span>
      )}
    </div>
  );
}
