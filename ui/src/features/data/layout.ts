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

export const BOX = { width: 200, height: 64, gapX: 120, gapY: 28 } as const;

/** One line for each pair of inverse relations: drawn from the "many" side to the "one" side. */
export function linesOf(datasets: readonly DatasetInfo[]): Line[] {
  const found = new Map<string, Line>();
  for (const relation of datasets.flatMap((one) => one.relations ?? [])) {
    const path = (relation.via?.length ?? 0) > 0;
    if (!path && relation.many && relation.inverse) continue;
    const id = `${relation.source}.${relation.name}`;
    found.set(id, {
      id,
      source: relation.source,
      target: relation.target,
      label: relation.label,
      path,
    });
  }
  return [...found.values()];
}

/**
 * Columns by distance from the subjects: subjects left, what belongs to them to the right. What no
 * relation reaches comes last.
 */
export function place(datasets: readonly DatasetInfo[]): Placed[] {
  const near = new Map<string, Set<string>>();
  const link = (a: string, b: string) => {
    near.set(a, (near.get(a) ?? new Set()).add(b));
  };
  const base = datasets.flatMap((one) => one.relations ?? []).filter(isBase);
  for (const relation of base) {
    link(relation.source, relation.target);
    link(relation.target, relation.source);
  }
  const column = new Map<string, number>();
  let edge = datasets.filter((one) => one.subject !== null).map((one) => one.name);
  for (const name of edge) column.set(name, 0);
  for (let step = 1; edge.length > 0; step += 1) {
    const next = new Set<string>();
    for (const name of edge) {
      for (const other of near.get(name) ?? []) if (!column.has(other)) next.add(other);
    }
    for (const name of next) column.set(name, step);
    edge = [...next];
  }
  const last = Math.max(0, ...column.values()) + 1;
  const rows = new Map<number, number>();
  return datasets.map((one) => {
    const x = column.get(one.name) ?? last;
    const y = rows.get(x) ?? 0;
    rows.set(x, y + 1);
    return { name: one.name, x: x * (BOX.width + BOX.gapX), y: y * (BOX.height + BOX.gapY) };
  });
}

function isBase(relation: RelationInfo): boolean {
  return (relation.via?.length ?? 0) === 0;
}
