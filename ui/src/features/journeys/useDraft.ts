/**
 * The wording being drawn: edits with undo, written to the server by themselves a moment after the
 * last one. What is typed is never lost: a save that fails is tried again with the next edit, and a
 * draft that somebody else has written on in the meantime is not overwritten.
 */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useRef, useState } from "react";
import { call } from "@/client/http";
import { begin, commit, type History, redo, undo } from "@/features/rules";
import { journeyQuery, path } from "./api";
import { type Spot, targetOf } from "./model/edit";
import { readBody } from "./model/fresh";
import { type Body, ENTRY } from "./model/graph";
import { pathOfWay } from "./model/ways";
import type { Checked, Journey, Wording } from "./types";

const AFTER_MS = 600;

export interface Draft {
  body: Body;
  /** Edits with the same mark in a row are one step of undo. */
  change: (next: Body, mark?: string) => void;
  undo: () => void;
  redo: () => void;
  canUndo: boolean;
  canRedo: boolean;
  /** The server's word on what was saved last. */
  checked: Checked;
  state: "saved" | "saving" | "unsaved" | "failed";
  error: unknown;
  /** Writes at once what is not written yet; rejects when that fails. */
  flush: () => Promise<void>;
  /** Has the server set a flow into a way, after writing what is not written; undone like any edit. */
  insertFlow: (flow: string, spot: Spot) => Promise<Inserted>;
  /** Gives up what is not written and reads the server's. */
  reload: () => Promise<void>;
}

/** What a flow brought: the body with it, its first step, and its steps. */
export interface Inserted {
  body: Body;
  first: string | null;
  steps: string[];
}

export function useDraft(journey: Journey, readOnly: boolean): Draft {
  const client = useQueryClient();
  const { shown, slug } = journey;
  const [history, setHistory] = useState<History<Body>>(() => begin(readBody(shown.body)));
  const [checked, setChecked] = useState<Checked>(shown);
  const saved = useRef(history.present);
  const seen = useRef(shown.changed_at);
  const [failed, setFailed] = useState<Body | null>(null);
  const present = history.present;

  const written = async (next: Wording, body: Body) => {
    const first = journey.draft === null;
    saved.current = body;
    seen.current = next.changed_at;
    setChecked(next);
    setFailed(null);
    client.setQueryData(journeyQuery(slug).queryKey, (old) =>
      old ? { ...old, shown: next, changed_at: next.changed_at } : old,
    );
    // A first draft makes a version: what may be done with the journey has changed.
    if (first) await client.invalidateQueries({ queryKey: journeyQuery(slug).queryKey });
  };
  const save = useMutation({
    mutationFn: (body: Body) =>
      call<Wording>("PUT", `${path(slug)}/draft`, {
        body: { body, seen: shown.state === "live" ? null : seen.current },
      }),
    scope: { id: `draft-${slug}` },
    onSuccess: (next, body) => written(next, body),
    onError: (_, body) => setFailed(body),
  });

  // What somebody else has written becomes what is shown, unless something here is not saved yet.
  useEffect(() => {
    if (shown.changed_at === seen.current || saved.current !== present) return;
    const body = readBody(shown.body);
    seen.current = shown.changed_at;
    saved.current = body;
    setChecked(shown);
    setHistory(begin(body));
  }, [shown, present]);

  const { mutate, mutateAsync, isPending } = save;
  useEffect(() => {
    if (readOnly || present === saved.current || present === failed || isPending) return;
    const timer = setTimeout(() => mutate(present), AFTER_MS);
    return () => clearTimeout(timer);
  }, [present, readOnly, failed, isPending, mutate]);

  const change = useCallback(
    (next: Body, mark?: string) => setHistory((old) => commit(old, next, mark ?? null)),
    [],
  );
  const back = useCallback(() => setHistory((old) => undo(old)), []);
  const forth = useCallback(() => setHistory((old) => redo(old)), []);
  const flush = useCallback(async () => {
    if (present !== saved.current) await mutateAsync(present);
  }, [present, mutateAsync]);
  const reload = useCallback(async () => {
    const fresh = await client.fetchQuery({ ...journeyQuery(slug), staleTime: 0 });
    const body = readBody(fresh.shown.body);
    saved.current = body;
    seen.current = fresh.shown.changed_at;
    setFailed(null);
    setChecked(fresh.shown);
    setHistory(begin(body));
  }, [client, slug]);

  const insert = useMutation({
    mutationFn: async ({ flow, spot }: { flow: string; spot: Spot }): Promise<Inserted> => {
      if (present !== saved.current) await mutateAsync(present);
      const next = await call<Wording>("POST", `${path(slug)}/draft/flow`, {
        body: {
          flow,
          after: spot.from === ENTRY ? "" : spot.from,
          way: pathOfWay(spot.way),
          seen: seen.current,
        },
      });
      const body = readBody(next.body);
      setHistory((old) => commit(old, body, null));
      await written(next, body);
      const steps = Object.keys(body.steps).filter((id) => !(id in present.steps));
      return { body, first: targetOf(body, spot), steps };
    },
  });
  const { mutateAsync: insertAsync } = insert;
  const insertFlow = useCallback(
    (flow: string, spot: Spot) => insertAsync({ flow, spot }),
    [insertAsync],
  );

  const dirty = present !== saved.current;
  return useMemo(
    () => ({
      body: present,
      change,
      undo: back,
      redo: forth,
      canUndo: !readOnly && history.past.length > 0,
      canRedo: !readOnly && history.future.length > 0,
      checked,
      state:
        isPending || insert.isPending
          ? "saving"
          : failed === present
            ? "failed"
            : dirty
              ? "unsaved"
              : "saved",
      error: failed === present ? save.error : null,
      flush,
      reload,
      insertFlow,
    }),
    [
      present,
      change,
      back,
      forth,
      readOnly,
      history,
      checked,
      isPending,
      insert.isPending,
      failed,
      dirty,
      save.error,
      flush,
      reload,
      insertFlow,
    ],
  );
}
