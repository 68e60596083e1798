/** What would have to change for a rule to become true of somebody. */
import type { Explained } from "../data";

export interface Missing {
  /** How the wants join: all of them, one of them, or so many of them. */
  how: "all" | "any" | "some";
  wants: readonly Explained[];
}

/** The smallest conditions that keep a false node false; those of a true one are none. */
export function missingOf(node: Explained): Missing {
  const children = node.children ?? [];
  if (node.truth) return { how: "all", wants: [] };
  const failing = children.filter((child) => !child.truth);
  switch (node.kind) {
    case "all":
      return { how: "all", wants: failing.flatMap(narrowed) };
    case "any":
      return { how: "any", wants: failing };
    case "at_least":
      return { how: "some", wants: failing };
    default:
      return { how: "all", wants: [node] };
  }
}

/** An `all` inside an `all` wants each of its own; anything else is one want. */
function narrowed(node: Explained): readonly Explained[] {
  return node.kind === "all" ? missingOf(node).wants : [node];
}
