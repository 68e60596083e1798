/** The body as it is being edited, with undo and redo, beside what is saved. */
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import * as history from "@/features/rules/model/history";
import { type Body, readBody, writeBody } from "../model/body";

export interface Draft {
  body: Body;
  /** As the API takes it. */
  written: Record<string, unknown>;
  dirty: boolean;
  canUndo: boolean;
  canRedo: boolean;
  undo: () => void;
  redo: () => void;
  /** Edits with one `mark` in succession are one step. */
  change: (next: (body: Body) => Body, mark?: string) => void;
}

/** `saved`: the body as the API gave it; another one replaces what is edited. */
export function useDraft(saved: unknown, unknownName: string): Draft {
  const text = JSON.stringify(saved);
  const begin = useRef(text);
  const [state, setState] = useState(() => history.begin(readBody(saved, unknownName)));
  const [base, setBase] = useState(() => JSON.stringify(writeBody(state.present)));
  const latest = useRef(state.present);
  latest.current = state.present;

  // What comes back of our own saving is what we have: keys, selection and undo stay as they are.
  useEffect(() => {
    if (begin.current === text) return;
    begin.current = text;
    const fresh = readBody(JSON.parse(text), unknownName);
    const now = JSON.stringify(writeBody(fresh));
    setBase(now);
    if (now !== JSON.stringify(writeBody(latest.current))) setState(history.begin(fresh));
  }, [text, unknownName]);

  const change = useCallback((next: (body: Body) => Body, mark?: string) => {
    setState((old) => history.commit(old, next(old.present), mark ?? null));
  }, []);
  const undo = useCallback(() => setState(history.undo), []);
  const redo = useCallback(() => setState(history.redo), []);
  const written = useMemo(() => writeBody(state.present), [state.present]);
  return {
    body: state.present,
    written,
    dirty: JSON.stringify(written) !== base,
    canUndo: state.past.length > 0,
    canRedo: state.future.length > 0,
    undo,
    redo,
    change,
  };
}
