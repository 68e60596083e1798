import type { DatasetInfo, RelationInfo } from "./data";

/** Where each dataset stands in the picture of relations, in px. */
export interface Placed {
  name: string;
  x: number;
  y: number;
}

/** A line of the picture: one foreign key, or one path over several. */
export interface Line {
  id: string;
  source: string;
  target: string;
  label: string;
  path: boolean;
}

export const BOX = { width: 176, height: 60, gapX: 88, gapY: 20, rows: 7 } as const;

/** One line for each pair of inverse relations, drawn from the row that holds the key. */
export function linesOf(datasets: readonly DatasetInfo[]): Line[] {
  const found: Line[] = [];
  for (const relation of datasets.flatMap((one) => one.relations ?? [])) {
    const path = !isBase(relation);
    if (!path && relation.many && relation.inverse) continue;
    found.push({
      id: `${relation.source}.${relation.name}`,
      source: relation.source,
      target: relation.target,
      label: relation.label,
      path,
    });
  }
  return found;
}

/**
 * Read from left to right: what subjects point to (branch, owner), the subjects, what belongs to
 * them, what happened to them, and last what no relation reaches. A long column is broken in two.
 */
export function place(datasets: readonly DatasetInfo[]): Placed[] {
  const subjects = new Set(datasets.filter((one) => one.subject !== null).map((one) => one.name));
  const base = datasets.flatMap((one) => one.relations ?? []).filter(isBase);
  const pointedAt = new Set(
    base.filter((one) => subjects.has(one.source) && !one.many).map((one) => one.target),
  );
  const tied = new Set(base.flatMap((one) => [one.source, one.target]));
  const group = (one: DatasetInfo): number => {
    if (subjects.has(one.name)) return 1;
    if (!tied.has(one.name)) return 4;
    if (one.kind === "event") return 3;
    return pointedAt.has(one.name) && !belongs(one, subjects) ? 0 : 2;
  };
  const groups: DatasetInfo[][] = [[], [], [], [], []];
  for (const one of datasets) groups[group(one)]?.push(one);
  const columns = groups.flatMap((members) => {
    const parts = Math.ceil(members.length / BOX.rows);
    const size = Math.ceil(members.length / Math.max(1, parts));
    return Array.from({ length: parts }, (_, part) =>
      members.slice(part * size, (part + 1) * size),
    );
  });
  const tallest = Math.max(1, ...columns.map((column) => column.length));
  const step = BOX.height + BOX.gapY;
  return columns.flatMap((column, x) =>
    column.map((one, row) => ({
      name: one.name,
      x: x * (BOX.width + BOX.gapX),
      y: (row + (tallest - column.length) / 2) * step,
    })),
  );
}

/** Whether rows of a dataset are of one subject: they hold her key. */
function belongs(dataset: DatasetInfo, subjects: ReadonlySet<string>): boolean {
  return (dataset.relations ?? []).some(
    (one) => isBase(one) && !one.many && subjects.has(one.target),
  );
}

function isBase(relation: RelationInfo): boolean {
  return (relation.via?.length ?? 0) === 0;
}
