import { describe, expect, it } from "vitest";
import { find, insert, mayStand, move, neighbour, placesFor, remove, replace, step } from "./tree";

interface Piece {
  key: string;
  kind: string;
  columns?: readonly { blocks: readonly Piece[] }[];
}

const piece = (key: string, kind = "text"): Piece => ({ key, kind });
const blocks: readonly Piece[] = [
  piece("a"),
  { key: "c", kind: "columns", columns: [{ blocks: [piece("x"), piece("y")] }, { blocks: [] }] },
  piece("f", "footer"),
];

/** `a c[x y|] f` */
function said(tree: readonly Piece[]): string {
  return tree
    .map((one) =>
      one.columns
        ? `${one.key}[${one.columns.map((inside) => inside.blocks.map((p) => p.key).join(" ")).join("|")}]`
        : one.key,
    )
    .join(" ");
}

describe("the tree of blocks", () => {
  it("moves a block down within one place, counted with the block still there", () => {
    const tree = [piece("a"), piece("b"), piece("c")];
    expect(said(move(tree, "a", { parent: null, column: 0, index: 2 }))).toBe("b a c");
    expect(said(move(tree, "c", { parent: null, column: 0, index: 0 }))).toBe("c a b");
    // The places right before and right after the block are where it stands.
    expect(move(tree, "b", { parent: null, column: 0, index: 1 })).toBe(tree);
    expect(move(tree, "b", { parent: null, column: 0, index: 2 })).toBe(tree);
  });

  it("moves into an empty column and out again", () => {
    const inside = move(blocks, "a", { parent: "c", column: 1, index: 0 });
    expect(said(inside)).toBe("c[x y|a] f");
    expect(said(move(inside, "a", { parent: null, column: 0, index: 2 }))).toBe("c[x y|] f a");
  });

  it("lets neither columns nor the footer stand in a column", () => {
    const place = { parent: "c", column: 0, index: 0 };
    expect(mayStand(piece("n", "columns"), place)).toBe(false);
    expect(move(blocks, "f", place)).toBe(blocks);
    expect(move(blocks, "c", place)).toBe(blocks);
    expect(placesFor(blocks, "f")).toEqual(
      [0, 1, 2].map((index) => ({ parent: null, column: 0, index })),
    );
  });

  it("steps through every place in reading order, and stays at the ends", () => {
    let tree: readonly Piece[] = blocks;
    const seen = [];
    for (let turn = 0; turn < 7; turn += 1) {
      tree = step(tree, "a", 1);
      seen.push(said(tree));
    }
    expect(seen).toEqual([
      "c[a x y|] f",
      "c[x a y|] f",
      "c[x y a|] f",
      "c[x y|a] f",
      "c[x y|] a f",
      "c[x y|] f a",
      "c[x y|] f a",
    ]);
    expect(said(step(blocks, "a", -1))).toBe(said(blocks));
    for (let turn = 0; turn < 6; turn += 1) tree = step(tree, "a", -1);
    expect(said(tree)).toBe(said(blocks));
  });

  it("inserts, replaces, removes and finds inside columns", () => {
    const more = insert(blocks, { parent: "c", column: 0, index: 99 }, piece("z"));
    expect(said(more)).toBe("a c[x y z|] f");
    expect(find(more, "z")?.place).toEqual({ parent: "c", column: 0, index: 2 });
    expect(said(remove(more, "x"))).toBe("a c[y z|] f");
    const changed = replace(more, { key: "y", kind: "image" });
    expect(find(changed, "y")?.block.kind).toBe("image");
    expect(find(blocks, "y")?.block.kind).toBe("text");
    expect(neighbour(blocks, "c", 1)).toBe("x");
    expect(neighbour(blocks, "a", -1)).toBeNull();
  });
});
