/** Where the parts of an UpSet plot go, and the rules behind them. No drawing here. */
import type { JsonObject } from "@/features/rules";

/** People who are in exactly these of the compared segments, and in none of the others. */
export interface Intersection {
  slugs: readonly string[];
  size: number;
}

export interface UpsetRow {
  slug: string;
  size: number;
  /** Of the largest set, 0–1. */
  share: number;
}

export interface UpsetColumn {
  slugs: readonly string[];
  size: number;
  /** Of the largest column, 0–1. */
  share: number;
  /** One for each row, in the rows' order. */
  marks: readonly boolean[];
  /** The first and the last marked row: a line joins them. */
  from: number;
  to: number;
}

export interface Upset {
  rows: UpsetRow[];
  columns: UpsetColumn[];
  /** How many intersections with people in them are left out. */
  hidden: number;
}

/** More columns than this say nothing to a reader; the largest are kept. */
export const COLUMNS = 30;

/** Sets by size, largest first; intersections with people in them, largest first. */
export function layUpset(
  sizes: Readonly<Record<string, number>>,
  intersections: readonly Intersection[],
  limit = COLUMNS,
): Upset {
  const order = Object.keys(sizes).sort(
    (a, b) => (sizes[b] ?? 0) - (sizes[a] ?? 0) || a.localeCompare(b),
  );
  const largest = Math.max(1, ...Object.values(sizes));
  const found = intersections
    .filter((one) => one.size > 0 && one.slugs.length > 0)
    .sort((a, b) => b.size - a.size || a.slugs.length - b.slugs.length);
  const widest = Math.max(1, found[0]?.size ?? 1);
  const columns = found.slice(0, limit).map((one) => {
    const inside = new Set(one.slugs);
    const marks = order.map((slug) => inside.has(slug));
    return {
      slugs: order.filter((slug) => inside.has(slug)),
      size: one.size,
      share: one.size / widest,
      marks,
      from: marks.indexOf(true),
      to: marks.lastIndexOf(true),
    };
  });
  return {
    rows: order.map((slug) => {
      const size = sizes[slug] ?? 0;
      return { slug, size, share: size / largest };
    }),
    columns,
    hidden: Math.max(0, found.length - columns.length),
  };
}

/** The rule for one column: in all of these, and in none of the other compared segments. */
export function ruleOf(inside: readonly string[], all: readonly string[]): JsonObject {
  const others = all.filter((slug) => !inside.includes(slug));
  return {
    all: [
      ...inside.map((segment): JsonObject => ({ segment })),
      ...others.map((segment): JsonObject => ({ not: { segment } })),
    ],
  };
}

/** How many are in both, by the pair in either order; of one slug with itself: its size. */
export function pairTable(
  sizes: Readonly<Record<string, number>>,
  pairs: readonly { a: string; b: string; both: number }[],
): (a: string, b: string) => number {
  const found = new Map<string, number>();
  for (const { a, b, both } of pairs) {
    found.set(`${a} ${b}`, both);
    found.set(`${b} ${a}`, both);
  }
  return (a, b) => (a === b ? (sizes[a] ?? 0) : (found.get(`${a} ${b}`) ?? 0));
}
