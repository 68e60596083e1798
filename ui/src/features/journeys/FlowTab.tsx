/** The canvas with all that belongs to it: tools above, inspector right, dry runs below. */
import { useMediaQuery } from "@mantine/hooks";
import { useQuery } from "@tanstack/react-query";
import { lazy, Suspense, useCallback, useEffect, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { ErrorState, Loading } from "@/design/states";
import { dryRunQuery, dryRunsQuery, liveQuery, wordingQuery } from "./api";
import { Palette } from "./canvas/Palette";
import { DryRunBar } from "./DryRunBar";
import { FaultsMenu } from "./FaultsMenu";
import styles from "./flow.module.css";
import { Inspector } from "./inspect/Inspector";
import { LiveBar } from "./LiveBar";
import {
  arrange,
  connect,
  duplicate,
  firstOpen,
  insert,
  insertLoose,
  moveTo,
  remove,
  type Spot,
  spotAfter,
} from "./model/edit";
import { faultsByPlace } from "./model/faults";
import { readBody } from "./model/fresh";
import type { Body, StepKind } from "./model/graph";
import { edgeKey } from "./model/ways";
import { Outline } from "./Outline";
import { dryOverlay, liveOverlay, type Overlay, testOverlay } from "./overlay";
import type { Mode } from "./routes";
import { StepFigures } from "./StepFigures";
import { TestPanel } from "./TestPanel";
import { Toolbar } from "./Toolbar";
import type { Journey, TestOut } from "./types";
import type { Draft } from "./useDraft";
import { useJourneySearch } from "./useJourneySearch";
import { WholeStrip } from "./WholeStrip";

const Canvas = lazy(() => import("./canvas/Canvas"));
export const LIVE_DAYS = 30;

interface Props {
  journey: Journey;
  draft: Draft;
  writing: boolean;
}

/** What may be laid over the canvas now. */
function modesOf({ journey }: Props): Mode[] {
  const found: Mode[] = ["design"];
  if (journey.version !== null) found.push("live");
  if (journey.may.run || journey.may.write) found.push("dry", "test");
  return found;
}

/** The edits of the canvas and of the outline, as deeds of one draft. */
function useDeeds(draft: Draft, selected: string | null, select: (id: string | null) => void) {
  const { body, change } = draft;
  return useMemo(() => {
    const take = (made: { body: Body; id: string } | null) => {
      if (!made) return;
      change(made.body);
      select(made.id);
    };
    return {
      insert: (spot: Spot, kind: StepKind) => take(insert(body, spot, kind)),
      add: (kind: StepKind) =>
        take(insert(body, spotAfter(body, selected) ?? firstOpen(body), kind)),
      drop: (kind: StepKind, at: { x: number; y: number }) => take(insertLoose(body, kind, at)),
      connect: (spot: Spot, to: string | null) => change(connect(body, spot, to)),
      move: (id: string, at: { x: number; y: number }) =>
        change(moveTo(body, id, at), `move:${id}`),
      copy: (id: string) => take(duplicate(body, id)),
      remove: (id: string) => {
        change(remove(body, id));
        select(null);
      },
      arrange: () => change(arrange(body)),
    };
  }, [body, change, select, selected]);
}

/** The wording that the figures are of, where it is not the one that is shown. */
function useBodyOf(journey: Journey, draft: Draft, number: number | null): Body {
  const other = number !== null && number !== journey.shown.number;
  const query = useQuery({ ...wordingQuery(journey.slug, number ?? 0), enabled: other });
  return useMemo(
    () => (other && query.data ? readBody(query.data.body) : draft.body),
    [other, query.data, draft.body],
  );
}

function useFigures(props: Props, mode: Mode) {
  const { journey } = props;
  const { search } = useJourneySearch();
  const days = search.days ?? LIVE_DAYS;
  const live = useQuery({
    ...liveQuery(journey.slug, undefined, days),
    enabled: mode === "live",
  });
  const runs = useQuery({ ...dryRunsQuery(journey.slug), enabled: mode === "dry" && !search.run });
  const run = search.run ?? runs.data?.items[0]?.id;
  const dry = useQuery({
    ...dryRunQuery(journey.slug, run ?? ""),
    enabled: mode === "dry" && run !== undefined,
  });
  return { live, dry, days };
}

export function FlowTab(props: Props) {
  const { journey, draft } = props;
  const { t } = useTranslation("journeys");
  const { search, set } = useJourneySearch();
  const narrow = useMediaQuery("(max-width: 48em)", false, { getInitialValueInEffect: false });
  const tight = useMediaQuery("(max-width: 75em)", false, { getInitialValueInEffect: false });
  const modes = modesOf(props);
  const usual: Mode = journey.version !== null && !props.writing ? "live" : "design";
  const mode = modes.find((one) => one === (search.mode ?? usual)) ?? "design";
  const as = search.as ?? (narrow ? "text" : "picture");
  const selected = search.step ?? null;
  const select = useCallback(
    (id: string | null, quietly = false) => set({ step: id ?? undefined }, quietly),
    [set],
  );
  const { live, dry, days } = useFigures(props, mode);
  const [test, setTest] = useState<TestOut | null>(null);
  const number =
    mode === "live" ? journey.version : mode === "dry" ? (dry.data?.number ?? null) : null;
  const body = useBodyOf(journey, draft, number);
  const readOnly = !props.writing || mode !== "design";
  const deeds = useDeeds(draft, selected, select);
  const faults = useMemo(() => faultsByPlace(draft.checked.faults), [draft.checked]);
  const overlay = useMemo<Overlay | null>(() => {
    if (mode === "live") return live.data?.counted ? liveOverlay(live.data) : null;
    if (mode === "dry") return dry.data?.result ? dryOverlay(dry.data.result) : null;
    return mode === "test" ? testOverlay([...(test?.visited ?? [])].reverse()) : null;
  }, [mode, live.data, dry.data, test]);
  const askFlow = (spot: Spot | null) =>
    set({ panel: "flow", into: spot ? edgeKey(spot.from, spot.way) : undefined });
  const shared = {
    body,
    readOnly,
    selected,
    onSelect: select,
    faults: mode === "design" ? faults : NO_FAULTS,
    overlay,
    onInsert: deeds.insert,
    onFlow: askFlow,
    onRemove: deeds.remove,
    onUndo: draft.undo,
    onRedo: draft.redo,
  };
  useUndoKeys(draft, readOnly);
  return (
    <div className={styles.frame}>
      <Toolbar
        modes={modes}
        mode={mode}
        onMode={(next) => set({ mode: next === usual ? undefined : next, run: undefined })}
        as={as}
        onAs={(next) => set({ as: next === (narrow ? "text" : "picture") ? undefined : next })}
        draft={draft}
        readOnly={readOnly}
        onArrange={deeds.arrange}
        onAdd={deeds.add}
        onFlow={() => askFlow(spotAfter(body, selected))}
        palette={!readOnly && (tight || as === "text")}
      >
        {mode === "design" && (props.writing || journey.draft === "review") && (
          <FaultsMenu body={body} faults={faults} onSelect={select} />
        )}
      </Toolbar>
      <WholeStrip body={body} faults={shared.faults} selected={selected} onSelect={select} />
      {mode === "live" && <LiveBar live={live} days={days} onSelect={select} />}
      <div className={styles.work} data-as={as}>
        {!readOnly && !tight && as === "picture" && (
          <Palette onAdd={deeds.add} onFlow={() => askFlow(spotAfter(body, selected))} />
        )}
        {as === "text" ? (
          <Outline {...shared} />
        ) : (
          <Suspense
            fallback={
              <div className={styles.waiting}>
                <Loading lines={[40, 60]} />
              </div>
            }
          >
            <Canvas {...shared} onDrop={deeds.drop} onConnect={deeds.connect} onMove={deeds.move} />
          </Suspense>
        )}
        {mode === "test" ? (
          <TestPanel
            journey={journey}
            draft={draft}
            over={tight}
            onTold={setTest}
            onClose={() => set({ mode: undefined })}
          />
        ) : (
          selected !== null && (
            <Inspector
              place={selected}
              body={body}
              change={draft.change}
              readOnly={readOnly}
              faults={shared.faults.get(selected) ?? []}
              cards={draft.checked.cards}
              over={tight}
              onClose={() => select(null)}
              onRemove={deeds.remove}
              onCopy={deeds.copy}
            >
              {(mode === "live" || mode === "dry") && (
                <StepFigures
                  journey={journey}
                  step={selected}
                  live={mode === "live" ? live.data : undefined}
                  dry={mode === "dry" ? dry.data?.result : undefined}
                />
              )}
            </Inspector>
          )
        )}
      </div>
      {dry.error && mode === "dry" && <ErrorState error={dry.error} inline />}
      {modes.includes("dry") && mode !== "live" && mode !== "test" && (
        <DryRunBar
          journey={journey}
          draft={draft}
          run={mode === "dry" ? dry.data : undefined}
          open={mode === "dry"}
        />
      )}
      <p className={styles.hidden} role="status">
        {mode === "design" ? t("canvas.steps", { count: Object.keys(body.steps).length }) : ""}
      </p>
    </div>
  );
}

const NO_FAULTS: ReturnType<typeof faultsByPlace> = new Map();

/** Undo and redo wherever the keys are on this page, but not while a text is being typed. */
function useUndoKeys(draft: Draft, readOnly: boolean) {
  const { undo, redo } = draft;
  useEffect(() => {
    if (readOnly) return;
    const listen = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      if (!(event.metaKey || event.ctrlKey) || event.defaultPrevented) return;
      if (target.closest("input, textarea, [data-rule-builder], [contenteditable]")) return;
      const key = event.key.toLowerCase();
      if (key === "z" && !event.shiftKey) undo();
      else if (key === "y" || (key === "z" && event.shiftKey)) redo();
      else return;
      event.preventDefault();
    };
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, [undo, redo, readOnly]);
}
