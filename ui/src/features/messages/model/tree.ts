/**
 * The blocks of a mail as a tree, and its edits: each takes the blocks and gives new ones; nothing
 * is changed in place. Only columns hold blocks, and no columns stand inside columns.
 */

/** What every block of the tree has. `key` is the editor's own and never leaves the page. */
export interface Node {
  key: string;
  kind: string;
}

/** A block that holds blocks side by side. */
export interface Beside<P extends Node> extends Node {
  kind: "columns";
  columns: readonly { readonly blocks: readonly P[] }[];
}

/** Where blocks stand: at the top (null), or in one column of a block. */
export interface Place {
  parent: string | null;
  column: number;
  index: number;
}

export const TOP: Place = { parent: null, column: 0, index: 0 };

function beside<P extends Node>(block: P): Beside<P> | null {
  return block.kind === "columns" ? (block as unknown as Beside<P>) : null;
}

/** Every block with its place, in reading order. */
export function* walk<P extends Node>(blocks: readonly P[]): Generator<{ block: P; place: Place }> {
  for (const [index, block] of blocks.entries()) {
    yield { block, place: { parent: null, column: 0, index } };
    for (const [column, inside] of (beside(block)?.columns ?? []).entries()) {
      for (const [at, inner] of inside.blocks.entries()) {
        yield { block: inner, place: { parent: block.key, column, index: at } };
      }
    }
  }
}

export function find<P extends Node>(
  blocks: readonly P[],
  key: string,
): { block: P; place: Place } | null {
  for (const found of walk(blocks)) if (found.block.key === key) return found;
  return null;
}

/** The blocks of one place, changed. */
function mapPlace<P extends Node>(
  blocks: readonly P[],
  { parent, column }: Place,
  change: (inside: readonly P[]) => readonly P[],
): readonly P[] {
  if (parent === null) return change(blocks);
  return blocks.map((block) => {
    const found = block.key === parent ? beside(block) : null;
    if (!found) return block;
    const columns = found.columns.map((inside, at) =>
      at === column ? { ...inside, blocks: change(inside.blocks) } : inside,
    );
    return { ...block, columns } as P;
  });
}

export function insert<P extends Node>(blocks: readonly P[], place: Place, block: P): readonly P[] {
  return mapPlace(blocks, place, (inside) => {
    const at = Math.max(0, Math.min(place.index, inside.length));
    return [...inside.slice(0, at), block, ...inside.slice(at)];
  });
}

export function remove<P extends Node>(blocks: readonly P[], key: string): readonly P[] {
  const found = find(blocks, key);
  if (!found) return blocks;
  return mapPlace(blocks, found.place, (inside) => inside.filter((one) => one.key !== key));
}

export function replace<P extends Node>(blocks: readonly P[], next: P): readonly P[] {
  const found = find(blocks, next.key);
  if (!found) return blocks;
  return mapPlace(blocks, found.place, (inside) =>
    inside.map((one) => (one.key === next.key ? next : one)),
  );
}

/** What stands across the whole mail: only at the top. */
const ACROSS: ReadonlySet<string> = new Set(["columns", "footer", "mjml"]);

/** Whether a block may stand there. */
export function mayStand(block: Node, place: Place): boolean {
  return place.parent === null || !ACROSS.has(block.kind);
}

/** Moves a block to a place counted with the block still where it was. */
export function move<P extends Node>(blocks: readonly P[], key: string, to: Place): readonly P[] {
  const found = find(blocks, key);
  if (!found || !mayStand(found.block, to)) return blocks;
  const { place } = found;
  const same = place.parent === to.parent && place.column === to.column;
  const index = same && place.index < to.index ? to.index - 1 : to.index;
  if (same && index === place.index) return blocks;
  return insert(remove(blocks, key), { ...to, index }, found.block);
}

/** Every place a block may stand at once it is taken out, in reading order. */
export function placesFor<P extends Node>(blocks: readonly P[], key: string): Place[] {
  const found = find(blocks, key);
  if (!found) return [];
  const rest = remove(blocks, key);
  const places: Place[] = [];
  for (const [index, block] of rest.entries()) {
    places.push({ parent: null, column: 0, index });
    for (const [column, inside] of (beside(block)?.columns ?? []).entries()) {
      for (let at = 0; at <= inside.blocks.length; at += 1) {
        places.push({ parent: block.key, column, index: at });
      }
    }
  }
  places.push({ parent: null, column: 0, index: rest.length });
  return places.filter((place) => mayStand(found.block, place));
}

function samePlace(a: Place, b: Place): boolean {
  return a.parent === b.parent && a.column === b.column && a.index === b.index;
}

/** The block one place on (or back) in reading order, in and out of columns; as it was at an end. */
export function step<P extends Node>(blocks: readonly P[], key: string, by: 1 | -1): readonly P[] {
  const found = find(blocks, key);
  if (!found) return blocks;
  const places = placesFor(blocks, key);
  const at = places.findIndex((place) => samePlace(place, found.place));
  const to = places[at + by];
  return to ? insert(remove(blocks, key), to, found.block) : blocks;
}

/** The key of the block before or after in reading order; null at an end. */
export function neighbour<P extends Node>(
  blocks: readonly P[],
  key: string,
  by: 1 | -1,
): string | null {
  const keys = [...walk(blocks)].map((one) => one.block.key);
  return keys[keys.indexOf(key) + by] ?? null;
}
