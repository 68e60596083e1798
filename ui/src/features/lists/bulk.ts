/** Changing many members at once: assignee, status, priority. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { call } from "@/client/http";
import { told } from "@/design/undo";
import type { Priority } from "./types";

export interface Bulk {
  action: "assign" | "status" | "priority";
  ids?: number[];
  filter?: Record<string, string | undefined>;
  assignee?: string | null;
  assignees?: string[];
  status?: string;
  priority?: Priority;
}

interface BulkDone {
  changed: number;
  skipped: number;
  sentence: string;
}

export function useBulk(list: string, onDone?: () => void) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (bulk: Bulk) =>
      call<BulkDone>("POST", `/api/lists/${list}/members/bulk`, { body: bulk }),
    onSuccess: async (done) => {
      await Promise.all([
        client.invalidateQueries({ queryKey: ["members", list] }),
        client.invalidateQueries({ queryKey: ["member", list] }),
        client.invalidateQueries({ queryKey: ["list", list] }),
      ]);
      told(done.sentence);
      onDone?.();
    },
  });
}
