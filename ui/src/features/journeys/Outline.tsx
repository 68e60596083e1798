/** The journey as indented text: everything the canvas does, for readers, phones and keys. */
import { ActionIcon } from "@mantine/core";
import { IconAlertTriangle, IconBan, IconFlame, IconLogin2, IconPlus } from "@tabler/icons-react";
import { useMemo, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { useFormat } from "@/design/useFormat";
import { AddMenu } from "./canvas/AddMenu";
import { STEP_ICONS, STEP_TONES } from "./icons";
import type { Spot } from "./model/edit";
import type { Placed } from "./model/faults";
import { type Body, ENTRY, type StepKind } from "./model/graph";
import { type OutlineLine, outline } from "./model/outline";
import styles from "./outline.module.css";
import type { Overlay } from "./overlay";
import type { JourneyFault } from "./types";
import { useWords } from "./words";

interface Props {
  body: Body;
  readOnly: boolean;
  selected: string | null;
  onSelect: (id: string) => void;
  onInsert: (spot: Spot, kind: StepKind) => void;
  onFlow: (spot: Spot) => void;
  onRemove: (id: string) => void;
  onUndo: () => void;
  onRedo: () => void;
  faults: ReadonlyMap<string, readonly Placed[]>;
  overlay: Overlay | null;
}

export function Outline(props: Props) {
  const { body, readOnly, onInsert } = props;
  const { t } = useTranslation("journeys");
  const lines = useMemo(() => outline(body), [body]);
  const [adding, setAdding] = useState<{ spot: Spot; at: { x: number; y: number } } | null>(null);
  const list = useRef<HTMLOListElement>(null);
  const ask = (spot: Spot, target: Element) => {
    const box = target.getBoundingClientRect();
    setAdding({ spot, at: { x: box.left, y: box.bottom + 4 } });
  };
  const move = (by: 1 | -1) => {
    const all = [...(list.current?.querySelectorAll<HTMLElement>("[data-line]") ?? [])];
    const at = all.indexOf(document.activeElement as HTMLElement);
    all[at + by]?.focus();
  };
  return (
    <section className={styles.outline} aria-label={t("outline.title")}>
      <ol
        ref={list}
        className={styles.lines}
        onKeyDown={(event) => {
          const id = (event.target as HTMLElement).closest<HTMLElement>("[data-line]")?.dataset
            .line;
          const key = event.key.toLowerCase();
          if ((event.metaKey || event.ctrlKey) && !readOnly) {
            if (key === "z" && !event.shiftKey) props.onUndo();
            else if (key === "y" || key === "z") props.onRedo();
            else return;
          } else if (event.key === "ArrowDown") move(1);
          else if (event.key === "ArrowUp") move(-1);
          else if (event.key === "Delete" && id && id !== ENTRY && !readOnly) props.onRemove(id);
          else return;
          event.preventDefault();
        }}
      >
        <Step {...props} id={ENTRY} depth={0} number={0} ask={ask} />
        {lines.map((line, at) => (
          <Line key={at} {...props} line={line} ask={ask} />
        ))}
      </ol>
      <AddMenu
        at={adding?.at ?? null}
        onClose={() => setAdding(null)}
        onPick={(kind) => {
          if (adding) onInsert(adding.spot, kind);
          setAdding(null);
        }}
        onFlow={() => adding && props.onFlow(adding.spot)}
      />
    </section>
  );
}

interface LineProps extends Props {
  ask: (spot: Spot, target: Element) => void;
}

function indent(depth: number) {
  return { "--depth": depth } as React.CSSProperties;
}

function Line({ line, ...props }: LineProps & { line: OutlineLine }) {
  const { t } = useTranslation("journeys");
  const words = useWords();
  const { body } = props;
  switch (line.kind) {
    case "step":
      return <Step {...props} id={line.id} depth={line.depth} number={line.number} />;
    case "way":
      return (
        <li className={styles.way} style={indent(line.depth)}>
          {words.way(body.steps[line.from], line.way) || t("way.next")}
        </li>
      );
    case "again": {
      const step = body.steps[line.id];
      return (
        <li className={styles.note} style={indent(line.depth)}>
          {t("outline.again", { step: step ? words.title(step) : line.id })}
        </li>
      );
    }
    case "end":
      return (
        <li className={styles.note} style={indent(line.depth)}>
          {t("way.ends")}
          {!props.readOnly && (
            <ActionIcon
              size="sm"
              aria-label={t("canvas.addAtEnd")}
              onClick={(event) =>
                props.ask({ from: line.from, way: line.way }, event.currentTarget)
              }
            >
              <IconPlus size={14} aria-hidden />
            </ActionIcon>
          )}
        </li>
      );
    case "loose":
      return <li className={styles.loose}>{t("outline.loose")}</li>;
  }
}

function Step(props: LineProps & { id: string; depth: number; number: number }) {
  const { id, depth, number, body, selected, readOnly, overlay } = props;
  const { t } = useTranslation("journeys");
  const words = useWords();
  const format = useFormat();
  const step = body.steps[id];
  const Icon = step ? STEP_ICONS[step.kind] : IconLogin2;
  const faults = props.faults.get(id) ?? [];
  const refused = faults.some(({ fault }) => (fault as JourneyFault).level !== "warn");
  const figures = overlay?.nodes.get(id === ENTRY ? "" : id);
  const visited = overlay?.visited.includes(id);
  return (
    <li className={styles.step} style={indent(depth)}>
      <button
        type="button"
        className={styles.open}
        data-line={id}
        data-tone={step ? STEP_TONES[step.kind] : "entry"}
        data-selected={selected === id || undefined}
        data-glow={figures?.glow || undefined}
        data-visited={visited || undefined}
        aria-pressed={selected === id}
        onClick={() => props.onSelect(id)}
      >
        <span className={styles.number}>{number > 0 ? number : ""}</span>
        <Icon size={16} stroke={1.6} aria-hidden />
        <span className={styles.words}>
          <span className={styles.verb}>{step ? words.verb(step) : t("canvas.entry")}</span>
          <span>{step ? step.name || words.object(step) : words.entries(body)}</span>
        </span>
        {faults.length > 0 && (
          <span className={styles.mark} data-level={refused ? "refuse" : "warn"}>
            {refused ? (
              <IconBan size={14} aria-hidden />
            ) : (
              <IconAlertTriangle size={14} aria-hidden />
            )}
            {t(refused ? "outline.faults" : "outline.warnings", { count: faults.length })}
          </span>
        )}
        {figures && figures.people > 0 && overlay?.kind !== "test" && (
          <span className={styles.figures}>
            {figures.glow && <IconFlame size={14} aria-label={t("live.bottleneck")} />}
            {format.count(figures.people, "people")}
          </span>
        )}
      </button>
      {step && !readOnly && step.kind !== "exit" && "next" in step && (
        <ActionIcon
          size="sm"
          className={styles.add}
          aria-label={t("outline.addAfter", { step: words.title(step) })}
          onClick={(event) => props.ask({ from: id, way: "next" }, event.currentTarget)}
        >
          <IconPlus size={14} aria-hidden />
        </ActionIcon>
      )}
    </li>
  );
}
