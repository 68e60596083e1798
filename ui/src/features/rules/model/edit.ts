/** Edits of the block tree: each takes a root and gives a new one; nothing is changed in place. */
import { type Block, type Group, newGroup, newId, type Subject, type Test } from "./blocks";

export interface Place {
  parent: Group;
  index: number;
}

/** Groups directly below a block: its children, and the narrowing of a test on related rows. */
function inner(block: Block): Group | null {
  if (block.kind === "group") return block;
  if (block.kind === "test" && block.on.kind !== "field") return block.on.where;
  return null;
}

/** Every block with its parent, in reading order, narrowings included. */
export function* walk(root: Group): Generator<{ block: Block; place: Place }> {
  for (const [index, block] of root.children.entries()) {
    yield { block, place: { parent: root, index } };
    const below = inner(block);
    if (below) yield* walk(below);
  }
}

export function find(root: Group, id: string): { block: Block; place: Place } | null {
  for (const found of walk(root)) if (found.block.id === id) return found;
  return null;
}

/** The group with this id: the root, a nested group or a narrowing. */
export function findGroup(root: Group, id: string): Group | null {
  if (root.id === id) return root;
  for (const { block } of walk(root)) {
    const below = inner(block);
    if (below && below.id === id) return below;
  }
  return null;
}

function withInner(block: Block, group: Group): Block {
  if (block.kind === "group") return group;
  if (block.kind === "test" && block.on.kind !== "field") {
    return { ...block, on: { ...block.on, where: group } as Subject };
  }
  return block;
}

/** Rebuilds the path to one group. */
function mapGroup(root: Group, id: string, change: (group: Group) => Group): Group {
  if (root.id === id) return change(root);
  let touched = false;
  const children = root.children.map((child) => {
    const below = inner(child);
    if (!below) return child;
    const next = mapGroup(below, id, change);
    if (next === below) return child;
    touched = true;
    return withInner(child, next);
  });
  return touched ? { ...root, children } : root;
}

/** Replaces the block with the same id (or the root itself). */
export function replace(root: Group, next: Block): Group {
  if (root.id === next.id && next.kind === "group") return next;
  const found = find(root, next.id);
  if (!found) {
    return next.kind === "group" ? mapGroup(root, next.id, () => next) : root;
  }
  return mapGroup(root, found.place.parent.id, (group) => ({
    ...group,
    children: group.children.map((child) => (child.id === next.id ? next : child)),
  }));
}

export function insert(root: Group, groupId: string, index: number, block: Block): Group {
  return mapGroup(root, groupId, (group) => {
    const at = Math.max(0, Math.min(index, group.children.length));
    return {
      ...group,
      children: [...group.children.slice(0, at), block, ...group.children.slice(at)],
    };
  });
}

export function remove(root: Group, id: string): Group {
  const found = find(root, id);
  if (!found) return root;
  return mapGroup(root, found.place.parent.id, (group) => ({
    ...group,
    children: group.children.filter((child) => child.id !== id),
  }));
}

/** A copy with fresh ids throughout. */
export function copy<B extends Block>(block: B): B {
  if (block.kind === "raw") return { ...block, id: newId() };
  if (block.kind === "group") {
    return { ...block, id: newId(), children: block.children.map((child) => copy(child)) };
  }
  const test = block as Test;
  if (test.on.kind === "field") return { ...block, id: newId() };
  return { ...block, id: newId(), on: { ...test.on, where: copy(test.on.where) } };
}

export function duplicate(root: Group, id: string): { root: Group; id: string } {
  const found = find(root, id);
  if (!found) return { root, id };
  const twin = copy(found.block);
  return { root: insert(root, found.place.parent.id, found.place.index + 1, twin), id: twin.id };
}

/** Whether `id` is the block itself or lies below it. */
export function contains(block: Block, id: string): boolean {
  if (block.id === id) return true;
  const below = inner(block);
  if (!below) return false;
  return below.id === id || below.children.some((child) => contains(child, id));
}

/** The group that starts the scope (the root, or the narrowing of a test) a block lives in. */
export function scopeOf(root: Group, id: string): string {
  function search(group: Group, scope: string): string | null {
    if (group.id === id) return scope;
    for (const child of group.children) {
      if (child.id === id) return scope;
      const below = inner(child);
      if (!below) continue;
      const found = search(below, child.kind === "test" ? below.id : scope);
      if (found) return found;
    }
    return null;
  }
  return search(root, root.id) ?? root.id;
}

/**
 * Moves a block into a group before `index`. Refused (the same root comes back) into itself, or
 * into another scope: a field of a person means nothing among the rows of her accounts.
 */
export function moveTo(root: Group, id: string, groupId: string, index: number): Group {
  const found = find(root, id);
  if (!found || contains(found.block, groupId)) return root;
  if (scopeOf(root, id) !== scopeOf(root, groupId)) return root;
  const { parent, index: was } = found.place;
  const at = parent.id === groupId && was < index ? index - 1 : index;
  if (parent.id === groupId && at === was) return root;
  return insert(remove(root, id), groupId, at, found.block);
}

/** One step up or down, entering and leaving nested groups of the same scope on the way. */
export function moveBy(root: Group, id: string, step: -1 | 1): Group {
  const found = find(root, id);
  if (!found) return root;
  const { parent, index } = found.place;
  const neighbour = parent.children[index + step];
  if (neighbour?.kind === "group") {
    return moveTo(root, id, neighbour.id, step === 1 ? 0 : neighbour.children.length);
  }
  if (neighbour) return moveTo(root, id, parent.id, step === 1 ? index + 2 : index - 1);
  const outer = find(root, parent.id);
  if (outer?.block.kind !== "group") return root;
  return moveTo(root, id, outer.place.parent.id, outer.place.index + (step === 1 ? 1 : 0));
}

/** Puts a block into a new group of its own, of the other sort than its parent. */
export function wrap(root: Group, id: string): { root: Group; id: string } {
  const found = find(root, id);
  if (!found) return { root, id };
  const { parent, index } = found.place;
  const group = newGroup(parent.mode === "any" ? "all" : "any", [found.block]);
  return { root: insert(remove(root, id), parent.id, index, group), id: group.id };
}

/** Dissolves a nested group: its children take its place. */
export function unwrap(root: Group, id: string): Group {
  const found = find(root, id);
  if (found?.block.kind !== "group") return root;
  const { parent, index } = found.place;
  const { children } = found.block;
  let next = remove(root, id);
  children.forEach((child, i) => {
    next = insert(next, parent.id, index + i, child);
  });
  return next;
}

/** The block above or below in reading order, for the arrow keys. */
export function neighbour(root: Group, id: string, step: -1 | 1): string | null {
  const order = [...walk(root)].map(({ block }) => block.id);
  const at = order.indexOf(id);
  return at < 0 ? null : (order[at + step] ?? null);
}

/** How many conditions the tree holds. */
export function countTests(root: Group): number {
  return [...walk(root)].filter(({ block }) => block.kind !== "group").length;
}
