/** Asking for a refresh, and calling one off. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef } from "react";
import { useTranslation } from "react-i18next";
import { call } from "@/client/http";
import { told } from "@/design/undo";
import { useFormat } from "@/design/useFormat";
import { segmentQuery } from "./api";
import type { Refresh, Segment } from "./types";

export function useRefresh(segment: Segment) {
  const client = useQueryClient();
  const key = segmentQuery(segment.slug).queryKey;
  const path = `/api/segments/${segment.slug}/refresh`;
  const again = () => client.invalidateQueries({ queryKey: key });
  const start = useMutation({
    mutationFn: (mode: Refresh["mode"]) => call<Refresh>("POST", path, { body: { mode } }),
    onSettled: again,
  });
  const cancel = useMutation({
    mutationFn: () => call<unknown>("POST", `${path}/cancel`),
    onSettled: again,
  });
  useTellWhenDone(segment, start.data?.id ?? null);
  return { start, cancel };
}

/**
 * A refresh that ends while the page is open says so, and lists elsewhere are asked again. One
 * that was `started` here may have ended before the page saw it run.
 */
function useTellWhenDone(segment: Segment, started: string | null): void {
  const { t } = useTranslation("segments");
  const format = useFormat();
  const client = useQueryClient();
  const followed = useRef(new Set<string>());
  const last = segment.last_refresh;
  const running = segment.refresh?.id ?? null;
  useEffect(() => {
    if (running) followed.current.add(running);
  }, [running]);
  useEffect(() => {
    if (!last || running || (last.id !== started && !followed.current.has(last.id))) return;
    if (said.has(last.id)) return;
    said.add(last.id);
    void client.invalidateQueries({ queryKey: ["segments"] });
    told(
      t("refresh.done", {
        people: format.count(last.size, "people"),
        entered: format.count(last.entered, "people"),
        left: format.count(last.left, "people"),
      }),
    );
  }, [running, started, last, client, t, format]);
}

/** Refreshes whose end was told. */
const said = new Set<string>();
