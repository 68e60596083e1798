/** The edited tree with undo and redo, kept in step with the JSON the owner holds. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import type { Block, Group } from "../model/blocks";
import * as edit from "../model/edit";
import * as history from "../model/history";
import type { JsonObject } from "../model/json";
import { fromRule } from "../model/read";
import { toRule } from "../model/write";
import type { Actions } from "./context";

/** What an edit did, for those who hear rather than see it. */
export interface Said {
  key: string;
  position?: number;
  total?: number;
  /** Which edit it was: the same words twice are heard twice. */
  turn: number;
}

interface State {
  history: history.History<Group>;
  selected: string | null;
  said: Said | null;
  /** Grows with every edit after which the selected block has the focus. */
  focus: number;
}

export interface Tree {
  root: Group;
  selected: string | null;
  said: Said | null;
  focus: number;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  reset: (json: JsonObject) => void;
  actions: Actions;
}

export function useTree(
  value: JsonObject | null,
  onChange: (json: JsonObject, blocks: ReadonlyMap<string, string>) => void,
): Tree {
  const [state, setState] = useState<State>(() => ({
    history: history.begin(fromRule(value ?? undefined)),
    selected: null,
    said: null,
    focus: 0,
  }));
  const root = state.history.present;
  const written = useMemo(() => toRule(root), [root]);
  const tell = useRef(onChange);
  tell.current = onChange;
  // What the owner was told and has not given back yet, oldest first: two quick edits may come
  // back one after the other, and the first must not undo the second.
  const told = useRef<string[]>([]);
  const outside = JSON.stringify(value);
  const held = useRef(outside);
  held.current = outside;

  useEffect(() => {
    const text = JSON.stringify(written.json);
    if (text !== held.current) told.current.push(text);
    tell.current(written.json, written.blocks);
  }, [written]);

  // A value from outside (another definition, a reset) replaces the tree; our own echo does not.
  useEffect(() => {
    if (value === null) return;
    const echo = told.current.indexOf(outside);
    if (echo >= 0) {
      told.current.splice(0, echo + 1);
      return;
    }
    setState((before) => {
      const now = JSON.stringify(toRule(before.history.present).json);
      if (now === outside) return before;
      told.current = [];
      return { ...before, history: history.begin(fromRule(value)), selected: null, said: null };
    });
  }, [outside, value]);

  const act = useCallback((edited: Edit, words: string | null, mark: string | null = null) => {
    setState((before) => step(before, edited, words, mark));
  }, []);
  const actions = useMemo(() => actionsOver(act, setState), [act]);
  const travel = useCallback(
    (move: typeof history.undo, key: string) =>
      setState((before) => ({
        ...before,
        history: move(before.history),
        said: spoken(before, key, null, before.history.present),
      })),
    [],
  );

  return {
    root,
    selected: state.selected,
    said: state.said,
    focus: state.focus,
    canUndo: state.history.past.length > 0,
    canRedo: state.history.future.length > 0,
    undo: useCallback(() => travel(history.undo, "undone"), [travel]),
    redo: useCallback(() => travel(history.redo, "redone"), [travel]),
    reset: useCallback((json) => act(() => ({ root: fromRule(json) }), null), [act]),
    actions,
  };
}

/** An edit: a new root, and the block to select (absent: as before). */
type Edit = (root: Group) => { root: Group; select?: string | null };

function step(before: State, edited: Edit, words: string | null, mark: string | null): State {
  const found = edited(before.history.present);
  const select = found.select === undefined ? before.selected : found.select;
  if (found.root === before.history.present) {
    return { ...before, selected: select, said: words ? spoken(before, "refused") : before.said };
  }
  return {
    history: history.commit(before.history, found.root, mark),
    selected: select,
    said: words ? spoken(before, words, select, found.root) : before.said,
    focus: words ? before.focus + 1 : before.focus,
  };
}

function spoken(before: State, key: string, id: string | null = null, root?: Group): Said {
  const place = id !== null && root ? edit.positionOf(root, id) : null;
  return { key, ...place, turn: (before.said?.turn ?? 0) + 1 };
}

function actionsOver(
  act: (edited: Edit, words: string | null, mark?: string | null) => void,
  setState: React.Dispatch<React.SetStateAction<State>>,
): Actions {
  const moved = (id: string, move: (root: Group) => Group) =>
    act((root) => ({ root: move(root), select: id }), "moved");
  return {
    change: (block: Block, mark) =>
      act((root) => ({ root: edit.replace(root, block) }), null, mark ?? null),
    add: (groupId, index, block) =>
      act(
        (root) => ({ root: edit.insert(root, groupId, index, block), select: block.id }),
        "added",
      ),
    remove: (id) =>
      act((root) => {
        const found = edit.find(root, id);
        const inside = (near: string | null) =>
          near !== null && found && edit.contains(found.block, near);
        let near = edit.neighbour(root, id, 1);
        while (inside(near)) near = edit.neighbour(root, near as string, 1);
        return {
          root: edit.remove(root, id),
          select: near ?? edit.neighbour(root, id, -1),
        };
      }, "removed"),
    duplicate: (id) =>
      act((root) => {
        const made = edit.duplicate(root, id);
        return { root: made.root, select: made.id };
      }, "duplicated"),
    negate: (id) => act((root) => ({ root: edit.negate(root, id), select: id }), "negated"),
    moveBy: (id, by) => moved(id, (root) => edit.moveBy(root, id, by)),
    moveIn: (id) => moved(id, (root) => edit.moveIn(root, id)),
    moveOut: (id) => moved(id, (root) => edit.moveOut(root, id)),
    moveTo: (id, groupId, index) => moved(id, (root) => edit.moveTo(root, id, groupId, index)),
    wrap: (id) =>
      act((root) => {
        const made = edit.wrap(root, id);
        return { root: made.root, select: made.id };
      }, "wrapped"),
    unwrap: (id) =>
      act((root) => {
        const found = edit.find(root, id)?.block;
        const next = edit.unwrap(root, id);
        const first = found?.kind === "group" ? found.children[0]?.id : undefined;
        return { root: next, select: next === root ? id : (first ?? null) };
      }, "unwrapped"),
    select: (id) =>
      setState((before) => (before.selected === id ? before : { ...before, selected: id })),
  };
}
