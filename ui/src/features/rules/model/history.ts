/** Undo and redo over whole trees. Edits of one control in quick succession are one step. */

export interface History<T> {
  past: readonly T[];
  present: T;
  future: readonly T[];
  /** What the last edit touched, so that typing in one place stays one step. */
  mark: string | null;
}

const LIMIT = 200;

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], mark: null };
}

export function commit<T>(history: History<T>, next: T, mark: string | null = null): History<T> {
  if (Object.is(next, history.present)) return history;
  if (mark !== null && mark === history.mark) {
    return { ...history, present: next, future: [] };
  }
  return {
    past: [...history.past, history.present].slice(-LIMIT),
    present: next,
    future: [],
    mark,
  };
}

export function undo<T>(history: History<T>): History<T> {
  const previous = history.past.at(-1);
  if (previous === undefined) return history;
  return {
    past: history.past.slice(0, -1),
    present: previous,
    future: [history.present, ...history.future],
    mark: null,
  };
}

export function redo<T>(history: History<T>): History<T> {
  const [next, ...rest] = history.future;
  if (next === undefined) return history;
  return { past: [...history.past, history.present], present: next, future: rest, mark: null };
}
