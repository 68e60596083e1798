/**
 * Dragging blocks with a pointer (mouse, pen, finger). The lines between blocks are the places to
 * land; the nearest one that may take the block is shown, without anything moving meanwhile.
 *
 * Pointer events rather than HTML drag and drop, which knows no touch and shows a picture that
 * cannot be styled.
 */
import { type PointerEvent, useCallback, useEffect, useRef, useState } from "react";
import type { Group } from "../model/blocks";
import { mayMove } from "../model/edit";
import type { DropTarget } from "./context";

interface Dragging {
  id: string;
  x: number;
  y: number;
  drop: DropTarget | null;
}

/** A pointer that has gone so far (px) is dragging, not clicking. */
const START = 5;
/** So near (px) to the edge of the window the page scrolls along. */
const EDGE = 48;
/** No line farther away (px) takes a block: let go there, and nothing happens. */
const REACH = 96;

export function useDrag(
  root: Group,
  moveTo: (id: string, groupId: string, index: number) => void,
): {
  dragging: Dragging | null;
  grab: (event: PointerEvent<HTMLElement>, id: string) => void;
} {
  const [dragging, setDragging] = useState<Dragging | null>(null);
  const latest = useRef(root);
  latest.current = root;
  const stop = useRef<(() => void) | null>(null);
  useEffect(() => () => stop.current?.(), []);

  const grab = useCallback(
    (event: PointerEvent<HTMLElement>, id: string) => {
      if (event.button !== 0) return;
      const builder = event.currentTarget.closest<HTMLElement>("[data-rule-builder]");
      if (!builder) return;
      const from = { x: event.clientX, y: event.clientY };
      let now: Dragging | null = null;

      const move = (at: globalThis.PointerEvent) => {
        const far = Math.hypot(at.clientX - from.x, at.clientY - from.y) > START;
        if (now === null && !far) return;
        at.preventDefault();
        scrollAlong(builder, at.clientY);
        const drop = nearest(builder, latest.current, id, at.clientX, at.clientY);
        now = { id, x: at.clientX, y: at.clientY, drop };
        setDragging(now);
      };
      const end = () => {
        const found = now?.drop;
        stop.current?.();
        if (found) moveTo(id, found.group, found.index);
      };
      const cancel = () => stop.current?.();
      const key = (pressed: KeyboardEvent) => {
        if (pressed.key !== "Escape" || now === null) return;
        pressed.stopPropagation();
        cancel();
      };
      stop.current?.();
      stop.current = () => {
        window.removeEventListener("pointermove", move);
        window.removeEventListener("pointerup", end);
        window.removeEventListener("pointercancel", cancel);
        window.removeEventListener("keydown", key, true);
        stop.current = null;
        setDragging(null);
      };
      window.addEventListener("pointermove", move);
      window.addEventListener("pointerup", end);
      window.addEventListener("pointercancel", cancel);
      window.addEventListener("keydown", key, true);
    },
    [moveTo],
  );
  return { dragging, grab };
}

/** The line nearest to the pointer among those that may take the block. */
function nearest(
  builder: HTMLElement,
  root: Group,
  id: string,
  x: number,
  y: number,
): DropTarget | null {
  let best: DropTarget | null = null;
  let least = REACH;
  for (const line of builder.querySelectorAll<HTMLElement>("[data-drop]")) {
    const { group, index } = line.dataset;
    if (!group || !mayMove(root, id, group)) continue;
    const box = line.getBoundingClientRect();
    const away = Math.abs(y - (box.top + box.height / 2));
    // A pointer left of a line means the group around it; one right of it, the deeper group.
    const beside = x < box.left ? box.left - x : x > box.right ? x - box.right : 0;
    const inside = Math.min(24, Math.max(0, x - box.left)) / 24;
    const distance = away + beside / 2 - inside;
    if (distance < least) {
      least = distance;
      best = { group, index: Number(index) };
    }
  }
  return best;
}

function scrollAlong(from: HTMLElement, y: number) {
  const by = y < EDGE ? -12 : y > window.innerHeight - EDGE ? 12 : 0;
  if (by === 0) return;
  let box: HTMLElement | null = from;
  while (box && !(box.scrollHeight > box.clientHeight && scrolls(box))) box = box.parentElement;
  (box ?? document.scrollingElement)?.scrollBy(0, by);
}

function scrolls(box: HTMLElement): boolean {
  return ["auto", "scroll"].includes(getComputedStyle(box).overflowY);
}
