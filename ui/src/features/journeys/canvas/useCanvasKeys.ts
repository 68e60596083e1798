/** Everything the mouse does on the canvas, by keys. */
import { type KeyboardEvent, type RefObject, useCallback } from "react";
import { type Drawing, neighbour } from "../model/draw";
import { type Spot, spotAfter } from "../model/edit";
import { type Body, ENTRY, type Point } from "../model/graph";

const ARROWS = {
  ArrowLeft: "left",
  ArrowRight: "right",
  ArrowUp: "up",
  ArrowDown: "down",
} as const;
const NUDGE = 24;
const STEPS = {
  left: { x: -NUDGE, y: 0 },
  right: { x: NUDGE, y: 0 },
  up: { x: 0, y: -NUDGE },
  down: { x: 0, y: NUDGE },
} as const;

interface Props {
  body: Body;
  drawing: Drawing;
  frame: RefObject<HTMLElement | null>;
  readOnly: boolean;
  selected: string | null;
  onSelect: (id: string | null, quietly?: boolean) => void;
  onMove: (id: string, at: Point) => void;
  onRemove: (id: string) => void;
  onUndo: () => void;
  onRedo: () => void;
  ask: (spot: Spot, target: Element) => void;
}

export function useCanvasKeys(props: Props) {
  const { body, drawing, frame, readOnly, onSelect, onMove, onRemove, onUndo, onRedo, ask } = props;
  return useCallback(
    (event: KeyboardEvent) => {
      const target = event.target as HTMLElement;
      const key = event.key.toLowerCase();
      if ((event.metaKey || event.ctrlKey) && !readOnly) {
        if (key === "z" && !event.shiftKey) onUndo();
        else if (key === "y" || (key === "z" && event.shiftKey)) onRedo();
        else return;
        event.preventDefault();
        return;
      }
      const here = target.closest<HTMLElement>("[data-step]");
      const id = here?.dataset.step;
      if (!here || !id) return;
      const direction = ARROWS[event.key as keyof typeof ARROWS];
      if (direction) {
        event.preventDefault();
        const box = drawing.boxes.find((one) => one.id === id);
        if (event.altKey && !readOnly && box && id !== ENTRY) {
          const by = STEPS[direction];
          onMove(id, { x: box.at.x + by.x, y: box.at.y + by.y });
          return;
        }
        const next = neighbour(drawing, id, direction);
        if (!next) return;
        // The next step may be the chosen one already: the keys go there all the same.
        frame.current
          ?.querySelector<HTMLElement>(`[data-step="${CSS.escape(next)}"]`)
          ?.focus({ preventScroll: true });
        onSelect(next, true);
      } else if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        onSelect(id);
      } else if (event.key === "Escape") {
        onSelect(null);
      } else if (!readOnly && (key === "a" || key === "+")) {
        event.preventDefault();
        const spot = spotAfter(body, id);
        // After this key is done with: the menu takes the keys as soon as it opens.
        if (spot) setTimeout(() => ask(spot, here));
      } else if (!readOnly && (event.key === "Delete" || event.key === "Backspace")) {
        event.preventDefault();
        if (id !== ENTRY) onRemove(id);
      }
    },
    [body, drawing, frame, readOnly, onSelect, onMove, onRemove, onUndo, onRedo, ask],
  );
}
