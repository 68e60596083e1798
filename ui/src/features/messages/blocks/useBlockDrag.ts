/**
 * Dragging blocks with a pointer (mouse, pen, finger): one that stands in the mail, or a new one
 * from the palette. The lines between blocks are the places to land; the nearest that may take the
 * block is shown, and nothing else moves meanwhile.
 */
import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import { mayStand, type Node, type Place } from "../model/tree";

/** What is dragged. A new one has no place yet. */
export interface Dragged {
  key: string | null;
  kind: string;
}

export interface Dragging extends Dragged {
  x: number;
  y: number;
  drop: Place | null;
}

/** A pointer that has gone so far (px) is dragging, not clicking. */
const START = 5;
/** So near (px) to an edge of the list it scrolls along. */
const EDGE = 40;
/** No line farther away (px) takes a block. */
const REACH = 120;

export function useBlockDrag(
  list: React.RefObject<HTMLElement | null>,
  onDrop: (what: Dragged, place: Place) => void,
) {
  const [dragging, setDragging] = useState<Dragging | null>(null);
  const drop = useRef(onDrop);
  drop.current = onDrop;
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const grab = useCallback(
    (event: PointerEvent<HTMLElement>, what: Dragged) => {
      if (event.button !== 0) return;
      const from = { x: event.clientX, y: event.clientY };
      let now: Dragging | null = null;
      const moved = (at: globalThis.PointerEvent) => {
        if (now === null && Math.hypot(at.clientX - from.x, at.clientY - from.y) <= START) return;
        at.preventDefault();
        const box = list.current;
        if (box) scrollAlong(box, at.clientY);
        const place = box && nearest(box, what, at.clientX, at.clientY);
        now = { ...what, x: at.clientX, y: at.clientY, drop: place };
        setDragging(now);
      };
      const end = () => {
        const place = now?.drop;
        if (now !== null) window.addEventListener("click", swallow, { capture: true, once: true });
        setTimeout(() => window.removeEventListener("click", swallow, true));
        stop.current?.();
        if (place) drop.current(what, place);
      };
      const cancel = () => stop.current?.();
      const pressed = (key: KeyboardEvent) => {
        if (key.key !== "Escape" || now === null) return;
        key.stopPropagation();
        cancel();
      };
      stop.current?.();
      stop.current = () => {
        window.removeEventListener("pointermove", moved);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", cancel);
        window.removeEventListener("keydown", pressed, true);
        stop.current = null;
        setDragging(null);
      };
      window.addEventListener("pointermove", moved);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", cancel);
      window.addEventListener("keydown", pressed, true);
    },
    [list],
  );
  return { dragging, grab };
}

/** The click that ends a drag is not a click on what lies below. */
function swallow(event: MouseEvent) {
  event.stopPropagation();
  event.preventDefault();
}

/** The line nearest to the pointer among those that may take the block. */
function nearest(list: HTMLElement, what: Dragged, x: number, y: number): Place | null {
  const frame = list.getBoundingClientRect();
  if (x < frame.left - REACH || x > frame.right + REACH) return null;
  const node: Node = { key: what.key ?? "", kind: what.kind };
  let best: Place | null = null;
  let least = REACH;
  for (const line of list.querySelectorAll<HTMLElement>("[data-drop]")) {
    const place = placeOf(line);
    if (!mayStand(node, place)) continue;
    const box = line.getBoundingClientRect();
    const away = Math.abs(y - (box.top + box.height / 2));
    const beside = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
    // Of two lines at one height the deeper one wins where the pointer is over it.
    const distance = away + beside / 2 - (place.parent !== null && beside === 0 ? 6 : 0);
    if (distance < least) {
      least = distance;
      best = place;
    }
  }
  return best;
}

function placeOf({ dataset }: HTMLElement): Place {
  return {
    parent: dataset.parent ? dataset.parent : null,
    column: Number(dataset.column ?? 0),
    index: Number(dataset.index ?? 0),
  };
}

function scrollAlong(list: HTMLElement, y: number) {
  let box: HTMLElement | null = list;
  while (box && !(box.scrollHeight > box.clientHeight && scrolls(box))) box = box.parentElement;
  const frame = box?.getBoundingClientRect() ?? { top: 0, bottom: window.innerHeight };
  const by = y < frame.top + EDGE ? -12 : y > frame.bottom - EDGE ? 12 : 0;
  if (by !== 0) (box ?? document.scrollingElement)?.scrollBy(0, by);
}

function scrolls(box: HTMLElement): boolean {
  return ["auto", "scroll"].includes(getComputedStyle(box).overflowY);
}
