/** From the path of a fault to the part of the canvas and the field it belongs to. */
import type { Fault } from "@/features/rules";
import type { JourneyFault } from "../types";
import { type Body, CARD_WRITTEN, type CardPart, ENTRY, type Step } from "./graph";

export interface Placed {
  /** A step's id, the entry, or one of the parts of the whole journey. */
  place: string;
  /** Inside that place: `template`, `arms[0].rule.all[1].value`. */
  field: string;
  fault: Fault;
}

/** Parts of the whole journey, with the top-level names of a body that belong to them. */
export const PARTS = {
  [ENTRY]: ["entries", "audience", "reentry", "start"],
  _goal: ["goal"],
  _exits: ["exits"],
  _holds: ["holds"],
  _measure: ["conversions", "cost"],
  _about: ["purpose", "product", "sheet", "steps", "layout"],
} as const;
export type PartId = keyof typeof PARTS;
export const PART_IDS = Object.keys(PARTS) as PartId[];

export function placeOf(fault: Fault): Placed {
  const path = fault.path.replace(/^\$\.?/, "").replace(/^body\.?/, "");
  const step = /^steps(?:\.([a-z][a-z0-9_]*)|\["?([^"\]]+)"?\])\.?(.*)$/.exec(path);
  if (step) return { place: step[1] ?? step[2] ?? "", field: step[3] ?? "", fault };
  const [head = ""] = path.split(/[.[]/);
  const part = PART_IDS.find((id) => (PARTS[id] as readonly string[]).includes(head));
  return { place: part ?? "_about", field: path, fault };
}

export function faultsByPlace(faults: readonly Fault[]): Map<string, Placed[]> {
  const found = new Map<string, Placed[]>();
  for (const fault of faults) {
    const placed = placeOf(fault);
    found.set(placed.place, [...(found.get(placed.place) ?? []), placed]);
  }
  return found;
}

/** Whether it keeps the wording from being submitted; else it is a warning. */
export function isRefusal(fault: Fault): boolean {
  return (fault as JourneyFault).level !== "warn";
}

/** The words for one field; null when nothing is wrong with it or below it. */
export function wordsFor(placed: readonly Placed[], field: string): string | null {
  const words = placed
    .filter(
      ({ field: at }) => at === field || at.startsWith(`${field}.`) || at.startsWith(`${field}[`),
    )
    .map(({ fault }) => [fault.message, fault.remedy].filter(Boolean).join(" "));
  return words.length > 0 ? [...new Set(words)].join(" ") : null;
}

/** The faults below a rule, with paths that begin at the rule: what the rule builder takes. */
export function ruleFaults(placed: readonly Placed[], field: string): Fault[] {
  return placed.flatMap(({ field: at, fault }) => {
    if (at !== field && !at.startsWith(`${field}.`) && !at.startsWith(`${field}[`)) return [];
    return [{ ...fault, path: `$${at.slice(field.length)}` }];
  });
}

/** Faults that no field of `shown` would show. */
export function others(placed: readonly Placed[], shown: readonly string[]): Placed[] {
  return placed.filter(
    ({ field: at }) =>
      !shown.some((one) => at === one || at.startsWith(`${one}.`) || at.startsWith(`${one}[`)),
  );
}

/** What the planning sheet asks of an action and has no answer yet. */
export function holesOf(step: Step): CardPart[] {
  if (!("card" in step)) return [];
  return CARD_WRITTEN.filter((part) => step.card[part].trim() === "");
}

export function holesIn(body: Body): number {
  return Object.values(body.steps).reduce((sum, step) => sum + holesOf(step).length, 0);
}
