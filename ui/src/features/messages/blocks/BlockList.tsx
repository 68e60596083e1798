/** The mail's blocks in their order: picked, dragged by pointer or by keys, added and removed. */
import { useMemo, useRef } from "react";
import { createPortal } from "react-dom";
import { useTranslation } from "react-i18next";
import type { Block, BlockKind } from "../model/body";
import { keyAt } from "../model/reading";
import { find, type Place } from "../model/tree";
import type { Check } from "../types";
import { BlockRow } from "./BlockRow";
import classes from "./blocks.module.css";
import { BLOCK_ICONS, wordsOfBlock } from "./names";
import { Palette } from "./Palette";
import { type Dragging, useBlockDrag } from "./useBlockDrag";
import type { Blocks } from "./useBlocks";

interface Props {
  blocks: Blocks;
  checks: readonly Check[];
  readOnly: boolean;
}

export interface RowShared {
  blocks: Blocks;
  dragging: Dragging | null;
  grab: ReturnType<typeof useBlockDrag>["grab"];
  /** The worst finding of each block. */
  findings: ReadonlyMap<string, Check["level"]>;
  readOnly: boolean;
}

export function BlockList({ blocks, checks, readOnly }: Props) {
  const { t } = useTranslation("messages");
  const list = useRef<HTMLDivElement>(null);
  const { dragging, grab } = useBlockDrag(list, (what, place) => {
    if (what.key === null) blocks.addAt(what.kind as BlockKind, place);
    else blocks.moveTo(what.key, place);
  });
  const findings = useMemo(() => {
    const found = new Map<string, Check["level"]>();
    for (const check of checks) {
      const key = keyAt(blocks.blocks, check.path);
      if (key && found.get(key) !== "refuse") found.set(key, check.level);
    }
    return found;
  }, [checks, blocks.blocks]);
  const shared: RowShared = { blocks, dragging, grab, findings, readOnly };
  return (
    <>
      <div ref={list} className={classes.list} data-dragging={dragging !== null || undefined}>
        {blocks.blocks.length === 0 && <p className={classes.empty}>{t("blocks.empty")}</p>}
        <Inside {...shared} inside={blocks.blocks} parent={null} column={0} />
      </div>
      <Heard blocks={blocks} />
      {!readOnly && <Palette onAdd={blocks.add} grab={grab} />}
      {dragging && <Ghost dragging={dragging} blocks={blocks.blocks} />}
    </>
  );
}

/** The rows of one place, with a line to land on before each and after the last. */
export function Inside(
  props: RowShared & { inside: readonly Block[]; parent: string | null; column: number },
) {
  const { t } = useTranslation("messages");
  const { inside, parent, column, ...shared } = props;
  const label = parent === null ? t("blocks.list") : t("blocks.column", { number: column + 1 });
  return (
    <ul className={classes.inside} aria-label={label} data-empty={inside.length === 0 || undefined}>
      {inside.map((block, index) => (
        <li key={block.key}>
          <Line {...shared} place={{ parent, column, index }} />
          <BlockRow {...shared} block={block} />
        </li>
      ))}
      <li>
        <Line {...shared} place={{ parent, column, index: inside.length }} />
        {inside.length === 0 && parent !== null && (
          <span className={classes.hollow}>{t("blocks.hollow")}</span>
        )}
      </li>
    </ul>
  );
}

function Line({ place, dragging }: RowShared & { place: Place }) {
  const drop = dragging?.drop;
  const on =
    drop?.parent === place.parent && drop.column === place.column && drop.index === place.index;
  return (
    <div
      className={classes.line}
      data-drop
      data-parent={place.parent ?? ""}
      data-column={place.column}
      data-index={place.index}
      data-on={on || undefined}
      aria-hidden
    />
  );
}

function Ghost({ dragging, blocks }: { dragging: Dragging; blocks: readonly Block[] }) {
  const { t } = useTranslation("messages");
  const block = dragging.key === null ? null : find(blocks, dragging.key)?.block;
  const Icon = BLOCK_ICONS[dragging.kind as BlockKind];
  const words = block ? wordsOfBlock(block) : "";
  return createPortal(
    <div
      className={classes.ghost}
      style={{ transform: `translate(${dragging.x + 12}px, ${dragging.y + 8}px)` }}
      aria-hidden
    >
      <Icon size={15} stroke={1.6} />
      {words || t(`block.${dragging.kind}`)}
    </div>,
    document.body,
  );
}

/** What happened, for those who hear it. */
function Heard({ blocks }: { blocks: Blocks }) {
  const { t } = useTranslation("messages");
  const { said } = blocks;
  return (
    <div className={classes.heard} role="status">
      {said && (
        <span key={said.turn}>
          {t(`heard.${said.what}`, { position: said.position, total: said.total })}
        </span>
      )}
    </div>
  );
}
