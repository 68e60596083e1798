/** Whether the draft of a list is complete, and what of it can already be previewed. */
import { waitingFor } from "@/features/rules";
import type { ListDraft } from "./types";

export type Missing = "filter" | "priority" | "users";

/** What the person still has to fill in. An empty filter is no filter. */
export function missing(draft: ListDraft): Missing[] {
  const found: Missing[] = [];
  if (draft.filter && waitingFor(draft.filter) === "unfinished") found.push("filter");
  if (draft.priority.kind === "score" && draft.priority.parts.length === 0) found.push("priority");
  if (draft.assignment.kind === "round_robin" && draft.assignment.users.length === 0)
    found.push("users");
  return found;
}

/** The draft with what is unfinished left out, so that the rest can be counted. */
export function previewable(draft: ListDraft): ListDraft {
  const lacks = missing(draft);
  return {
    ...draft,
    filter: draft.filter && waitingFor(draft.filter) === null ? draft.filter : null,
    priority: lacks.includes("priority") ? { kind: "fixed", level: "medium" } : draft.priority,
    assignment: lacks.includes("users") ? { kind: "by_hand" } : draft.assignment,
  };
}
