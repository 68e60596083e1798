/** The edited tree with undo and redo, kept in step with the JSON the owner holds. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { type Block, fromRule, type Group, toRule } from "../model/blocks";
import * as edit from "../model/edit";
import * as history from "../model/history";
import type { JsonObject } from "../model/json";
import type { Actions } from "./context";

export interface Tree {
  root: Group;
  selected: string | null;
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
  const [state, setState] = useState(() => history.begin(fromRule(value ?? undefined)));
  const [selected, select] = useState<string | null>(null);
  const written = useMemo(() => toRule(state.present), [state.present]);
  const said = useRef(JSON.stringify(value));
  const tell = useRef(onChange);
  tell.current = onChange;

  useEffect(() => {
    const text = JSON.stringify(written.json);
    said.current = text;
    tell.current(written.json, written.blocks);
  }, [written]);

  // A value from outside (another definition, a reset) replaces the tree; our own echo does not.
  const outside = JSON.stringify(value);
  useEffect(() => {
    if (value === null || outside === said.current) return;
    setState((before) => {
      const now = JSON.stringify(toRule(before.present).json);
      return now === outside ? before : history.begin(fromRule(value));
    });
  }, [outside, value]);

  const apply = useCallback((next: (root: Group) => Group, mark: string | null = null) => {
    setState((before) => history.commit(before, next(before.present), mark));
  }, []);

  const actions = useMemo<Actions>(
    () => ({
      change: (block: Block, mark) => apply((root) => edit.replace(root, block), mark ?? null),
      add: (groupId, index, block) => {
        apply((root) => edit.insert(root, groupId, index, block));
        select(block.id);
      },
      remove: (id) =>
        setState((before) => {
          const near =
            edit.neighbour(before.present, id, 1) ?? edit.neighbour(before.present, id, -1);
          select(near);
          return history.commit(before, edit.remove(before.present, id));
        }),
      duplicate: (id) =>
        setState((before) => {
          const made = edit.duplicate(before.present, id);
          select(made.id);
          return history.commit(before, made.root);
        }),
      moveBy: (id, step) => apply((root) => edit.moveBy(root, id, step)),
      moveTo: (id, groupId, index) => apply((root) => edit.moveTo(root, id, groupId, index)),
      wrap: (id) => apply((root) => edit.wrap(root, id).root),
      unwrap: (id) => apply((root) => edit.unwrap(root, id)),
      select,
    }),
    [apply],
  );

  return {
    root: state.present,
    selected,
    canUndo: state.past.length > 0,
    canRedo: state.future.length > 0,
    undo: useCallback(() => setState(history.undo), []),
    redo: useCallback(() => setState(history.redo), []),
    reset: useCallback((json) => apply(() => fromRule(json)), [apply]),
    actions,
  };
}
