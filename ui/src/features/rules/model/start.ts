/** The block that something found starts as. */
import { type Block, newMembership, newTest, newWhere, type Rows, type Test } from "./blocks";
import { copy } from "./edit";
import type { Found } from "./finder";
import { defaultOp, operandFor } from "./ops";

export function startBlock(found: Found): Block {
  if (found.kind === "set") return newMembership(found.set.kind, found.set.slug);
  if (found.kind === "field") {
    const op = defaultOp(found.field.type);
    return newTest(
      { kind: "field", path: found.field.path },
      op,
      operandFor(op, found.field.type, { kind: "one", value: null }),
    );
  }
  const on = found.start ? withFreshWhere(found.start) : rowsOf(found);
  const counts = on.measure.kind === "count";
  return newTest(
    on,
    counts ? null : "ge",
    counts ? { kind: "none" } : { kind: "one", value: null },
  );
}

/** The same as a test; null for what is none. */
export function startTest(found: Found): Test | null {
  const block = startBlock(found);
  return block.kind === "test" ? block : null;
}

/** Puts what was found in the place of a test, keeping its id and its "not". */
export function retarget(test: Test, found: Found): Block {
  return { ...startBlock(found), id: test.id, not: test.not };
}

function withFreshWhere(rows: Rows): Rows {
  return { ...rows, where: copy(rows.where) };
}

function rowsOf(found: Extract<Found, { kind: "related" | "event" }>): Rows {
  const measured = { where: newWhere(), measure: { kind: "count" } as const };
  return found.kind === "related"
    ? { kind: "related", relation: found.relation.path, during: null, ...measured }
    : {
        kind: "event",
        names: [found.event.name],
        during: { kind: "last", length: "90d" },
        ...measured,
      };
}
