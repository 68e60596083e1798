/** Keeps one member for the person who is working on it, and gives it back on leaving. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { isApiError } from "@/client/errors";
import { call } from "@/client/http";
import { memberQuery } from "../lists/api";
import type { ListDetail, Member } from "../lists/types";

export interface Claim {
  /** Until when the member is kept; null while it is not. */
  until: string | null;
  /** Who else is on it, in words, when it could not be taken. */
  taken: string | null;
  error: unknown;
  /** Nothing to give back any more: the work was logged. */
  settle: () => void;
  retry: () => void;
}

/** The lease is extended this often, well inside the shortest one. */
const RENEW_MS = 30_000;

export function useClaim(list: ListDetail, member: number): Claim {
  const client = useQueryClient();
  const path = `/api/lists/${list.id}/members/${member}`;
  const settled = useRef(false);
  const can = list.can_work && list.state === "open";
  const claim = useMutation({
    mutationFn: (how: "claim" | "heartbeat") =>
      call<{ member: Member | null }>("POST", `${path}/${how}`),
    onSuccess: () => client.invalidateQueries({ queryKey: memberQuery(list.id, member).queryKey }),
  });
  const { mutate } = claim;
  useEffect(() => {
    if (!can) return;
    settled.current = false;
    mutate("claim");
    const timer = setInterval(() => {
      if (!settled.current) mutate("heartbeat");
    }, RENEW_MS);
    return () => {
      clearInterval(timer);
      // The answer changes nothing here: an unreleased lease ends by itself.
      if (!settled.current) void call("POST", `${path}/release`).catch(() => undefined);
    };
  }, [can, mutate, path]);
  const conflict = isApiError(claim.error) && claim.error.status === 409 ? claim.error : null;
  return {
    until: claim.data?.member?.lease?.until ?? null,
    taken: conflict ? conflict.body.message : null,
    error: conflict ? null : claim.error,
    settle: () => {
      settled.current = true;
    },
    retry: () => mutate("claim"),
  };
}
