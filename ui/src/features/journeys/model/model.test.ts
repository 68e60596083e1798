import { describe, expect, it } from "vitest";
import { draw, lineAt, neighbour } from "./draw";
import {
  arrange,
  change,
  connect,
  duplicate,
  firstOpen,
  insert,
  insertLoose,
  moveTo,
  remove,
  spotAfter,
} from "./edit";
import { faultsByPlace, holesIn, placeOf, ruleFaults, wordsFor } from "./faults";
import { emptyBody, freshStep, readBody } from "./fresh";
import { type Body, ENTRY, STEP_KINDS } from "./graph";
import { apart, BOX, layOut } from "./layout";
import { mergesOf, outline } from "./outline";
import { readOffset, readSpan, writeOffset, writeSpan } from "./spans";
import { edgesOf, waysOf, withWay } from "./ways";

/** Message; wait for an answer: it came (thanks), or it did not (call); both meet and end. */
function welcome(): Body {
  const steps: Body["steps"] = {
    hello: { ...freshStep("message"), next: "answer" } as never,
    answer: { ...freshStep("wait_event"), next: "thanks", timeout_next: "call" } as never,
    thanks: { ...freshStep("message"), next: "meet" } as never,
    call: { ...freshStep("task"), next: "meet", timeout_next: null } as never,
    meet: freshStep("join"),
  };
  return { ...emptyBody("card"), start: "hello", steps };
}

describe("ways of a step", () => {
  it("are named for every kind, and can each be led elsewhere", () => {
    for (const kind of STEP_KINDS) {
      const step = freshStep(kind);
      for (const way of waysOf(step, true)) {
        const led = withWay(step, way.id, "there");
        expect([kind, way.id, waysOf(led, true).find((one) => one.id === way.id)?.to]).toEqual([
          kind,
          way.id,
          "there",
        ]);
      }
    }
    expect(waysOf(freshStep("exit"))).toEqual([]);
  });

  it("leave out what goes on as usual", () => {
    expect(waysOf(freshStep("message")).map((way) => way.id)).toEqual(["next"]);
    expect(waysOf(freshStep("message"), true).map((way) => way.id)).toEqual(["next", "failed"]);
    expect(waysOf(freshStep("task")).map((way) => way.id)).toEqual(["next", "timeout"]);
  });

  it("end where the step they lead to is gone", () => {
    const body = { ...welcome(), start: "nobody" };
    expect(edgesOf(body)[0]).toMatchObject({ from: ENTRY, to: null });
  });
});

describe("edits", () => {
  it("put a step on a way and keep what came after", () => {
    const { body, id } = insert(welcome(), { from: "answer", way: "timeout" }, "branch");
    expect(id).toBe("branch");
    expect(edgesOf(body).find((edge) => edge.key === "answer.timeout")?.to).toBe("branch");
    const branch = body.steps.branch;
    // The old way is what happens where no arm holds.
    expect(branch && waysOf(branch).map((way) => [way.id, way.to])).toEqual([
      ["arm:0", null],
      ["next", "call"],
    ]);
  });

  it("begin at the entry, and name steps apart", () => {
    const first = insert(emptyBody(), { from: ENTRY, way: "next" }, "message");
    expect(first.body.start).toBe("message");
    const second = insert(first.body, { from: "message", way: "next" }, "message");
    expect(second.id).toBe("message_2");
    expect(firstOpen(second.body)).toEqual({ from: "message_2", way: "next" });
  });

  it("close the gap that a removed step leaves", () => {
    const body = remove(welcome(), "answer");
    expect(edgesOf(body).find((edge) => edge.key === "hello.next")?.to).toBe("thanks");
    expect(remove(body, "hello").start).toBe("thanks");
    expect(remove(body, "nobody")).toBe(body);
  });

  it("never make a step follow itself by a removal", () => {
    let body = insert(emptyBody(), { from: ENTRY, way: "next" }, "wait").body;
    body = insert(body, { from: "wait", way: "next" }, "message").body;
    body = connect(body, { from: "message", way: "next" }, "wait");
    const left = remove(body, "message");
    expect(left.steps.wait).toMatchObject({ next: null });
  });

  it("leave what was there as it was", () => {
    const body = welcome();
    const before = JSON.stringify(body);
    insert(body, { from: "hello", way: "next" }, "wait");
    remove(body, "call");
    connect(body, { from: "call", way: "next" }, null);
    duplicate(body, "call");
    moveTo(body, "call", { x: 1, y: 2 });
    expect(JSON.stringify(body)).toBe(before);
  });

  it("copy a step without its ways, and drop one anywhere", () => {
    const copied = duplicate(welcome(), "answer");
    expect(copied?.id).toBe("wait_event");
    expect(copied?.body.steps.wait_event).toMatchObject({ next: null, timeout_next: null });
    const loose = insertLoose(welcome(), "goal", { x: 10, y: 20 });
    expect(loose.body.layout.goal).toEqual({ x: 10, y: 20 });
    expect(arrange(loose.body).layout).toEqual({});
  });

  it("go on at the first open way after a step", () => {
    expect(spotAfter(welcome(), "call")).toEqual({ from: "call", way: "timeout" });
    expect(spotAfter(welcome(), "hello")).toEqual({ from: "hello", way: "next" });
    expect(spotAfter(change(welcome(), "meet", freshStep("exit")), "meet")).toBeNull();
  });
});

describe("the layout", () => {
  it("puts each step one layer beyond the last that leads to it", () => {
    const { places } = layOut(welcome());
    const x = (id: string) => places.get(id)?.x ?? Number.NaN;
    const lefts = [...new Set([...places.values()].map((at) => at.x))].sort((a, b) => a - b);
    const layer = (id: string) => lefts.indexOf(x(id));
    expect([ENTRY, "hello", "answer", "thanks", "call", "meet"].map(layer)).toEqual([
      0, 1, 2, 3, 3, 4,
    ]);
    // Names of ways need room; a single way has none.
    expect(x("thanks") - x("answer")).toBe(BOX.width + BOX.gapX);
    expect(x("answer") - x("hello")).toBeLessThan(BOX.width + BOX.gapX);
  });

  it("keeps ways in their order and boxes apart", () => {
    let body = insert(emptyBody(), { from: ENTRY, way: "next" }, "split", {
      ...freshStep("split"),
      shares: ["A", "B", "C", "D"].map((label) => ({
        label: { ja: label, en: label },
        percent: 25,
        next: null,
      })),
    } as never).body;
    for (const at of [3, 1, 2]) {
      body = insert(body, { from: "split", way: `share:${at}` }, "message").body;
    }
    const { boxes } = draw(body);
    const at = (id: string) => boxes.find((box) => box.id === id);
    const heights = ["end:split.share:0", "message_2", "message_3", "message"].map(
      (id) => at(id)?.at.y ?? Number.NaN,
    );
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    for (const one of boxes) {
      for (const other of boxes) {
        if (one === other || one.at.x !== other.at.x) continue;
        const [upper, lower] = one.at.y <= other.at.y ? [one, other] : [other, one];
        expect(lower.at.y - upper.at.y).toBeGreaterThanOrEqual(upper.height);
      }
    }
  });

  it("opens loops and leads them back", () => {
    const body = connect(welcome(), { from: "meet", way: "next" }, "hello");
    const drawing = draw(body);
    expect(drawing.lines.filter((line) => line.back).map((line) => line.edge.key)).toEqual([
      "meet.next",
    ]);
  });

  it("leads a long line past the boxes between", () => {
    const body = connect(welcome(), { from: "answer", way: "timeout" }, "meet");
    const line = draw(body).lines.find((one) => one.edge.key === "answer.timeout");
    const thanks = draw(body).boxes.find((box) => box.id === "thanks");
    expect(line?.bends).toHaveLength(1);
    const [bend] = line?.bends ?? [];
    const top = thanks?.at.y ?? 0;
    expect((bend?.y ?? 0) < top || (bend?.y ?? 0) > top + BOX.height).toBe(true);
  });

  it("draws steps that nothing leads to, and two hundred of them soon", () => {
    let body = emptyBody();
    let spot = { from: ENTRY as string, way: "next" };
    for (let at = 0; at < 200; at += 1) {
      const made = insert(body, spot, at % 7 === 0 ? "branch" : "wait");
      body = made.body;
      spot = { from: made.id, way: at % 14 === 0 ? "arm:0" : "next" };
    }
    const since = performance.now();
    expect(draw(insertLoose(body, "goal", { x: 0, y: 0 }).body).boxes.length).toBeGreaterThan(200);
    expect(performance.now() - since).toBeLessThan(500);
  });

  it("moves crowded boxes no more than it must", () => {
    const item = (height: number) => ({ id: "", layer: 0, height, before: [], after: [], y: 0 });
    const column = [item(40), item(40), item(40)];
    apart(column, [0, 0, 300]);
    const gap = 40 + BOX.gapY;
    expect(column.map((one) => one.y)).toEqual([-gap / 2, gap / 2, 300]);
  });
});

describe("arrow keys", () => {
  it("lead along the ways and between the rows", () => {
    const drawing = draw(welcome());
    expect(neighbour(drawing, ENTRY, "right")).toBe("hello");
    expect(neighbour(drawing, "meet", "left")).toMatch(/thanks|call/);
    expect(neighbour(drawing, "thanks", "down")).toBe("call");
    expect(neighbour(drawing, "call", "up")).not.toBeNull();
    expect(neighbour(drawing, ENTRY, "left")).toBeNull();
  });

  it("a drop goes to the line below it", () => {
    const drawing = draw(welcome());
    const hello = drawing.boxes.find((box) => box.id === "hello");
    const point = { x: (hello?.at.x ?? 0) - 40, y: (hello?.at.y ?? 0) + BOX.height / 2 + 5 };
    expect(lineAt(drawing, point, 30)?.edge.key).toBe(`${ENTRY}.next`);
    expect(lineAt(drawing, { x: point.x, y: point.y + 4000 }, 30)).toBeNull();
  });
});

describe("the outline", () => {
  it("reads the ways below their step and goes on where they meet", () => {
    expect([...mergesOf(welcome())]).toEqual([["answer", "meet"]]);
    const lines = outline(connect(welcome(), { from: "call", way: "timeout" }, "meet"));
    expect(
      lines.map((line) => `${line.depth} ${line.kind} ${"id" in line ? line.id : ""}`.trim()),
    ).toEqual([
      "0 step hello",
      "0 step answer",
      "1 way",
      "2 step thanks",
      "1 way",
      "2 step call",
      "3 way",
      "3 way",
      "0 step meet",
      "0 end",
    ]);
  });

  it("keeps a way that ends by itself from hiding where the others meet", () => {
    let body = insert(welcome(), { from: "answer", way: "timeout" }, "branch").body;
    body = insert(body, { from: "branch", way: "arm:0" }, "exit").body;
    expect(mergesOf(body).get("answer")).toBe("meet");
    const lines = outline(body);
    const depth = (id: string) =>
      lines.find((line) => line.kind === "step" && line.id === id)?.depth;
    expect([depth("exit"), depth("call"), depth("meet")]).toEqual([4, 4, 0]);
  });

  it("names every step once, whatever the loops", () => {
    const looped = connect(welcome(), { from: "meet", way: "next" }, "answer");
    const loose = insertLoose(looped, "goal", { x: 0, y: 0 }).body;
    const lines = outline(loose);
    const ids = lines.flatMap((line) => (line.kind === "step" ? [line.id] : []));
    expect(ids.sort()).toEqual(Object.keys(loose.steps).sort());
    expect(lines.some((line) => line.kind === "again" && line.id === "answer")).toBe(true);
    expect(lines.some((line) => line.kind === "loose")).toBe(true);
  });
});

describe("faults", () => {
  const fault = (path: string) => ({ path, code: "x", message: `m ${path}`, remedy: "r" });

  it("are found at their step and field", () => {
    expect(placeOf(fault("$.steps.mail.template"))).toMatchObject({
      place: "mail",
      field: "template",
    });
    expect(placeOf(fault("$.steps.ask.arms[1].rule.all[0]"))).toMatchObject({
      place: "ask",
      field: "arms[1].rule.all[0]",
    });
    expect(placeOf(fault("$.entries[0].segment")).place).toBe(ENTRY);
    expect(placeOf(fault("$.exits")).place).toBe("_exits");
    expect(placeOf(fault("$.purpose")).place).toBe("_about");
  });

  it("speak at the field and below it, not beside it", () => {
    const placed = faultsByPlace([
      fault("$.steps.ask.arms[1].rule.all[0]"),
      fault("$.steps.ask.arms[10]"),
    ]).get("ask");
    expect(wordsFor(placed ?? [], "arms[1].rule")).toContain("all[0]");
    expect(wordsFor(placed ?? [], "arms[1]")).not.toContain("arms[10]");
    expect(ruleFaults(placed ?? [], "arms[1].rule").map((one) => one.path)).toEqual(["$.all[0]"]);
    expect(wordsFor([], "template")).toBeNull();
  });

  it("count the holes of the planning sheet", () => {
    expect(holesIn(welcome())).toBe(9);
  });
});

describe("what the server leaves out", () => {
  it("is put in, and what it says stays", () => {
    const body = readBody({
      purpose: "card",
      start: "m",
      entries: [{ kind: "event", event: ["opened"] }],
      steps: {
        m: { kind: "message", template: "hi", card: { who: "all" }, next: "t" },
        t: { kind: "task", list: "calls" },
        b: { kind: "branch", arms: [{ rule: { all: [] } }] },
      },
      goal: { signals: [{ kind: "segment", segment: "vip" }] },
    });
    expect(body.steps.m).toMatchObject({ sender: "", failed_next: null, card: { why: "" } });
    expect(body.steps.t).toMatchObject({ timeout: null, outcomes: [] });
    expect(body.steps.b).toMatchObject({ arms: [{ next: null, label: { ja: "" } }] });
    expect(body.entries[0]).toMatchObject({ event: ["opened"], key: "", where: null });
    expect(body.goal.signals[0]).toMatchObject({ crossing: "entered" });
    expect(body.reentry).toEqual({ kind: "never", after: null });
    expect(readBody(undefined).steps).toEqual({});
  });
});

describe("spans", () => {
  it("are read and written", () => {
    for (const text of ["3d", "2h", "1mo", "30m"]) expect(writeSpan(readSpan(text))).toBe(text);
    for (const text of ["0d", "-30d", "2w"]) expect(writeOffset(readOffset(text))).toBe(text);
    expect(readOffset("+2w")).toEqual({ count: 2, unit: "w", side: "after" });
    expect(readSpan("soon")).toEqual({ count: 1, unit: "d" });
  });
});
