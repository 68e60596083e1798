/** A flow set into a journey that is being drawn: which, where, and what it leaves to choose. */
import { Button, Select, Stack } from "@mantine/core";
import { IconBan } from "@tabler/icons-react";
import { useMutation, useQuery } from "@tanstack/react-query";
import { Fragment, useMemo, useState } from "react";
import { useTranslation } from "react-i18next";
import { RightPanel } from "@/design/RightPanel";
import { Remark } from "@/design/StatusBadge";
import { ErrorState, Ready } from "@/design/states";
import { flowsQuery } from "./api";
import { FlowChoice } from "./FlowChoice";
import styles from "./journeys.module.css";
import { firstOpen } from "./model/edit";
import { isRefusal, type Placed, placeOf } from "./model/faults";
import { readBody } from "./model/fresh";
import { type Body, ENTRY } from "./model/graph";
import { type Edge, edgeKey, edgesOf } from "./model/ways";
import { SheetView } from "./SheetView";
import type { Flow } from "./types";
import type { Draft, Inserted } from "./useDraft";
import { useJourneySearch } from "./useJourneySearch";
import { useWords } from "./words";

const NONE = { panel: undefined, into: undefined } as const;

export function InsertFlowPanel({ draft }: { draft: Draft }) {
  const [made, setMade] = useState<(Inserted & { flow: Flow }) | null>(null);
  // What has been undone from elsewhere on the page is no longer there to be told of.
  const there = made?.steps.some((id) => id in draft.body.steps);
  if (made && there) return <Brought draft={draft} made={made} onBack={() => setMade(null)} />;
  return <Choosing draft={draft} onMade={(found, flow) => setMade({ ...found, flow })} />;
}

interface ChoosingProps {
  draft: Draft;
  onMade: (found: Inserted, flow: Flow) => void;
}

function Choosing({ draft, onMade }: ChoosingProps) {
  const { t } = useTranslation("journeys");
  const { search, set } = useJourneySearch();
  const flows = useQuery(flowsQuery);
  const [name, setName] = useState<string | null>(null);
  const chosen = flows.data?.find((one) => one.name === name);
  const edges = useMemo(() => edgesOf(draft.body), [draft.body]);
  const open = firstOpen(draft.body);
  const into = search.into ?? edgeKey(open.from, open.way);
  const edge = edges.find((one) => one.key === into);
  const say = useSayPlace(draft.body);
  const insert = useMutation({
    mutationFn: ({ flow, at }: { flow: Flow; at: Edge }) =>
      draft.insertFlow(flow.name, { from: at.from, way: at.id }),
    onSuccess: (found, { flow }) => onMade(found, flow),
  });
  return (
    <RightPanel
      title={t("insertFlow.title")}
      lead={t("insertFlow.lead")}
      onClose={() => set(NONE)}
      width={560}
      footer={
        <Button
          disabled={!chosen || !edge}
          loading={insert.isPending}
          onClick={() => chosen && edge && insert.mutate({ flow: chosen, at: edge })}
        >
          {t("insertFlow.submit")}
        </Button>
      }
    >
      <Stack gap="md">
        {insert.error && <ErrorState error={insert.error} inline />}
        <Select
          label={t("insertFlow.where")}
          description={t("insertFlow.whereHelp")}
          searchable
          allowDeselect={false}
          value={edge ? into : null}
          data={edges.map((one) => ({ value: one.key, label: say(one) }))}
          onChange={(next) => next && set({ into: next }, true)}
        />
        <Ready query={flows} lines={[90, 90, 60]}>
          {(all) => (
            <div className={styles.flows} role="radiogroup" aria-label={t("insertFlow.which")}>
              {all.map((one) => (
                <Fragment key={one.name}>
                  <FlowChoice
                    label={one.label}
                    description={one.description}
                    chosen={one === chosen}
                    onChoose={() => setName(one.name)}
                  />
                  {one === chosen && <Chosen flow={one} />}
                </Fragment>
              ))}
            </div>
          )}
        </Ready>
      </Stack>
    </RightPanel>
  );
}

/** A place in words: after which step, on which of its ways, and what comes next there. */
function useSayPlace(body: Body) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  return (edge: Edge) => {
    const step = body.steps[edge.from];
    const next = edge.to === null ? undefined : body.steps[edge.to];
    const way = step ? words.way(step, edge) : "";
    const from = edge.from === ENTRY || !step ? t("canvas.entry") : words.title(step);
    return t("insertFlow.place", {
      from: way ? t("insertFlow.onWay", { from, way }) : from,
      to: next ? words.title(next) : t("way.ends"),
    });
  };
}

/** The planning sheet of a flow, its steps in their order, and what it leaves to choose. */
function Chosen({ flow }: { flow: Flow }) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  const body = useMemo(() => readBody(flow.body), [flow]);
  const left = flow.to_choose
    .map(placeOf)
    .filter(
      ({ place, field, fault }) =>
        place in body.steps && !field.startsWith("card") && isRefusal(fault),
    );
  return (
    <div className={styles.flowShown}>
      <section>
        <h3 className={styles.panelHead}>{t("sheet.title")}</h3>
        <SheetView sheet={body.sheet} />
      </section>
      <section>
        <h3 className={styles.panelHead}>{t("insertFlow.steps")}</h3>
        <ol className={styles.flowSteps}>
          {Object.entries(body.steps).map(([id, step]) => (
            <li key={id}>{words.title(step)}</li>
          ))}
        </ol>
        {left.length > 0 && <Remark>{t("insertFlow.left", { count: left.length })}</Remark>}
        <p className="muted">{t("insertFlow.not")}</p>
      </section>
    </div>
  );
}

interface BroughtProps {
  draft: Draft;
  made: Inserted & { flow: Flow };
  onBack: () => void;
}

function Brought({ draft, made, onBack }: BroughtProps) {
  const { t } = useTranslation("journeys");
  const { set } = useJourneySearch();
  const words = useWords();
  // As the server last saw it: what has been chosen since is not asked for again.
  const all = draft.checked.faults
    .map(placeOf)
    .filter(({ place, fault }) => made.steps.includes(place) && isRefusal(fault));
  // A card's where and how follow from the template or the list.
  const follows = (one: Placed) =>
    one.field.startsWith("card") &&
    all.some((other) => other.place === one.place && !other.field.startsWith("card"));
  const faults = all.filter((one) => !follows(one));
  return (
    <RightPanel
      title={t("insertFlow.done", { flow: made.flow.label })}
      lead={t("insertFlow.came", { count: made.steps.length })}
      onClose={() => set({ ...NONE, step: made.first ?? undefined })}
      width={560}
      footer={
        <>
          <Button
            variant="default"
            // What was drawn since would be taken back first: that is the toolbar's.
            disabled={draft.body !== made.body}
            onClick={() => {
              draft.undo();
              onBack();
            }}
          >
            {t("insertFlow.undo")}
          </Button>
          <Button onClick={() => set({ ...NONE, step: made.first ?? undefined })}>
            {t("insertFlow.goOn")}
          </Button>
        </>
      }
    >
      {faults.length === 0 ? (
        <p>{t("insertFlow.nothingLeft")}</p>
      ) : (
        <section>
          <h3 className={styles.panelHead}>{t("insertFlow.toName", { count: faults.length })}</h3>
          <ul className={styles.toName}>
            {faults.map(({ place, fault }, at) => {
              const step = draft.body.steps[place];
              return (
                <li key={`${place}:${fault.code}:${at}`}>
                  <button type="button" onClick={() => set({ ...NONE, step: place })}>
                    <IconBan size={15} color="var(--en-shu)" aria-hidden />
                    <span>
                      <span className={styles.toNameStep}>{step ? words.title(step) : place}</span>
                      {fault.message}
                    </span>
                  </button>
                </li>
              );
            })}
          </ul>
        </section>
      )}
    </RightPanel>
  );
}
