/** Edits of the block tree: each takes a root and gives a new one; nothing is changed in place. */
import { type Block, type Group, groupsBelow, mapBelow, newGroup, newId } from "./blocks";

export interface Place {
  parent: Group;
  index: number;
}

/** Every block with its parent, in reading order, narrowings included. */
export function* walk(root: Group): Generator<{ block: Block; place: Place }> {
  for (const [index, block] of root.children.entries()) {
    yield { block, place: { parent: root, index } };
    for (const below of groupsBelow(block)) yield* walk(below);
  }
}

export function find(root: Group, id: string): { block: Block; place: Place } | null {
  for (const found of walk(root)) if (found.block.id === id) return found;
  return null;
}

/** Rebuilds the path to one group. */
function mapGroup(root: Group, id: string, change: (group: Group) => Group): Group {
  if (root.id === id) return change(root);
  let touched = false;
  const children = root.children.map((child) => {
    const next = mapBelow(child, (below) => mapGroup(below, id, change));
    if (next !== child) touched = true;
    return next;
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
  if (block.kind === "group") {
    return { ...block, id: newId(), children: block.children.map((child) => copy(child)) };
  }
  const twin: Block = { ...mapBelow(block, copy), id: newId() };
  if (twin.kind === "sequence") {
    return { ...twin, steps: twin.steps.map((step) => ({ ...step, id: newId() })) } as Block as B;
  }
  return twin as B;
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
  return groupsBelow(block).some(
    (below) => below.id === id || below.children.some((child) => contains(child, id)),
  );
}

/** The group that starts the scope (the root, or the narrowing of a test) a block lives in. */
export function scopeOf(root: Group, id: string): string {
  function search(group: Group, scope: string): string | null {
    if (group.id === id) return scope;
    for (const child of group.children) {
      if (child.id === id) return scope;
      for (const below of groupsBelow(child)) {
        const found = search(below, child.kind === "group" ? scope : below.id);
        if (found) return found;
      }
    }
    return null;
  }
  return search(root, root.id) ?? root.id;
}

/** Whether a block may be moved into a group: not into itself, nor into rows of another kind. */
export function mayMove(root: Group, id: string, groupId: string): boolean {
  const found = find(root, id);
  if (!found || contains(found.block, groupId)) return false;
  return scopeOf(root, id) === scopeOf(root, groupId);
}

/**
 * Moves a block into a group before `index`. Refused (the same root comes back) into itself, or
 * into another scope: a field of a person means nothing among the rows of her accounts.
 */
export function moveTo(root: Group, id: string, groupId: string, index: number): Group {
  const found = find(root, id);
  if (!found || !mayMove(root, id, groupId)) return root;
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
  return beside(root, id, step);
}

/** Into the group just above, else the one just below, else a new group of its own. */
export function moveIn(root: Group, id: string): Group {
  const found = find(root, id);
  if (!found) return root;
  const { parent, index } = found.place;
  const above = parent.children[index - 1];
  if (above?.kind === "group") return moveTo(root, id, above.id, above.children.length);
  const below = parent.children[index + 1];
  if (below?.kind === "group") return moveTo(root, id, below.id, 0);
  return wrap(root, id).root;
}

/** Out of its group, to the place just after it. */
export function moveOut(root: Group, id: string): Group {
  return beside(root, id, 1);
}

/** Out of its group, before or after it; the same root when the group is a whole scope. */
function beside(root: Group, id: string, step: -1 | 1): Group {
  const parent = find(root, id)?.place.parent;
  const outer = parent && find(root, parent.id);
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

/**
 * Dissolves a nested group: its children take its place. A negated group only with one child,
 * which then is negated: anything else would change the meaning unseen.
 */
export function unwrap(root: Group, id: string): Group {
  const found = find(root, id);
  if (found?.block.kind !== "group" || !mayUnwrap(found.block)) return root;
  const { parent, index } = found.place;
  const { children, not } = found.block;
  let next = remove(root, id);
  children.forEach((child, i) => {
    next = insert(next, parent.id, index + i, not ? { ...child, not: !child.not } : child);
  });
  return next;
}

export function mayUnwrap(group: Group): boolean {
  return !group.not || group.children.length === 1;
}

export function negate(root: Group, id: string): Group {
  const found = find(root, id);
  return found ? replace(root, { ...found.block, not: !found.block.not }) : root;
}

/** The block above or below in reading order, for the arrow keys. */
export function neighbour(root: Group, id: string, step: -1 | 1): string | null {
  const order = [...walk(root)].map(({ block }) => block.id);
  const at = order.indexOf(id);
  return at < 0 ? null : (order[at + step] ?? null);
}

/** Where a block stands among its siblings, from 1, for saying it. */
export function positionOf(root: Group, id: string): { position: number; total: number } | null {
  const place = find(root, id)?.place;
  return place ? { position: place.index + 1, total: place.parent.children.length } : null;
}

/** How many conditions the tree holds. */
export function countTests(root: Group): number {
  return [...walk(root)].filter(({ block }) => block.kind !== "group").length;
}
