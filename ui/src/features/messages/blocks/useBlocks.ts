/** What may be done with the blocks of a mail: each deed is one step of the history. */
import { useCallback, useMemo, useState } from "react";
import {
  type Block,
  type BlockKind,
  copied,
  type EmailBody,
  newBlock,
  type Theme,
} from "../model/body";
import * as tree from "../model/tree";
import type { Draft } from "../template/useDraft";

/** Where the keyboard goes after an edit. `turn` grows, so that the same place is taken again. */
export interface Focus {
  key: string;
  on: "row" | "handle";
  turn: number;
}

/** What has just happened, for those who hear it. */
export interface Said {
  what: "added" | "removed" | "moved" | "lifted" | "dropped" | "cancelled" | "copied" | "edge";
  key: string;
  position: number;
  total: number;
  turn: number;
}

export function useBlocks(draft: Draft) {
  const body = draft.body as EmailBody;
  const blocks = "mjml" in body.design ? EMPTY : body.design.blocks;
  /** null: the mail as a whole. */
  const [picked, setPicked] = useState<string | null>(null);
  const [lifted, setLifted] = useState<{ key: string; before: readonly Block[] } | null>(null);
  const [focus, setFocus] = useState<Focus | null>(null);
  const [said, setSaid] = useState<Said | null>(null);
  const { change } = draft;

  const edit = useCallback(
    (next: (blocks: readonly Block[]) => readonly Block[], mark?: string) =>
      change((old) => {
        if (old.kind !== "email" || "mjml" in old.design) return old;
        const made = next(old.design.blocks);
        return made === old.design.blocks
          ? old
          : { ...old, design: { ...old.design, blocks: made } };
      }, mark),
    [change],
  );
  const tell = useCallback((what: Said["what"], key: string, now: readonly Block[]) => {
    const keys = [...tree.walk(now)].map((one) => one.block.key);
    setSaid((old) => ({
      what,
      key,
      position: keys.indexOf(key) + 1,
      total: keys.length,
      turn: (old?.turn ?? 0) + 1,
    }));
  }, []);
  const go = useCallback((key: string, on: Focus["on"]) => {
    setPicked(key);
    setFocus((old) => ({ key, on, turn: (old?.turn ?? 0) + 1 }));
  }, []);

  return useMemo(() => {
    const put = (block: Block, place: tree.Place, what: Said["what"]) => {
      const next = tree.insert(blocks, place, block);
      edit(() => next);
      go(block.key, "row");
      tell(what, block.key, next);
    };
    return {
      blocks,
      picked: picked !== null && tree.find(blocks, picked) ? picked : null,
      lifted: lifted?.key ?? null,
      focus,
      said,
      pick: (key: string | null) => {
        setPicked(key);
        setLifted(null);
      },
      /** Behind what is picked, where it may stand there; else before the footer, or at the end. */
      add: (kind: BlockKind) => put(newBlock(kind), placeToAdd(blocks, picked, kind), "added"),
      addAt: (kind: BlockKind, place: tree.Place) => put(newBlock(kind), place, "added"),
      duplicate: (key: string) => {
        const found = tree.find(blocks, key);
        if (!found) return;
        const place = { ...found.place, index: found.place.index + 1 };
        put(copied(found.block), place, "copied");
      },
      remove: (key: string) => {
        const next = tree.neighbour(blocks, key, 1) ?? tree.neighbour(blocks, key, -1);
        const rest = tree.remove(blocks, key);
        tell("removed", key, blocks);
        edit(() => rest);
        if (next && tree.find(rest, next)) go(next, "row");
        else setPicked(null);
      },
      replace: (block: Block, mark?: string) =>
        edit((old) => tree.replace(old, block), mark && `${block.key}:${mark}`),
      moveTo: (key: string, place: tree.Place) => {
        const next = tree.move(blocks, key, place);
        edit(() => next);
        go(key, "row");
        tell("moved", key, next);
      },
      step: (key: string, by: 1 | -1, on: Focus["on"] = "row") => {
        const next = tree.step(blocks, key, by);
        tell(next === blocks ? "edge" : "moved", key, next);
        if (next === blocks) return;
        edit(() => next, lifted ? `lift:${key}` : undefined);
        go(key, on);
      },
      goTo: (key: string) => go(key, "row"),
      lift: (key: string) => {
        setLifted({ key, before: blocks });
        setPicked(key);
        tell("lifted", key, blocks);
      },
      drop: () => {
        if (lifted) tell("dropped", lifted.key, blocks);
        setLifted(null);
      },
      cancel: () => {
        if (!lifted) return;
        edit(() => lifted.before, `lift:${lifted.key}`);
        go(lifted.key, "handle");
        tell("cancelled", lifted.key, lifted.before);
        setLifted(null);
      },
      theme: (theme: Theme) =>
        change(
          (old) =>
            old.kind !== "email" || "mjml" in old.design
              ? old
              : { ...old, design: { ...old.design, theme } },
          "theme",
        ),
    };
  }, [blocks, picked, lifted, focus, said, edit, go, tell, change]);
}

const EMPTY: readonly Block[] = [];

export type Blocks = ReturnType<typeof useBlocks>;

function placeToAdd(blocks: readonly Block[], picked: string | null, kind: BlockKind): tree.Place {
  const found = picked === null ? null : tree.find(blocks, picked);
  const footer = blocks.findIndex((one) => one.kind === "footer");
  if (found && found.block.kind !== "footer") {
    const behind = { ...found.place, index: found.place.index + 1 };
    if (tree.mayStand({ key: "", kind }, behind)) return behind;
    const outer = blocks.findIndex((one) => one.key === found.place.parent);
    return { parent: null, column: 0, index: outer + 1 };
  }
  const end = footer >= 0 && kind !== "footer" ? footer : blocks.length;
  return { parent: null, column: 0, index: end };
}
