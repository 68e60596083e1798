import type { Fault } from "@/features/rules";

/** Faults of the rule alone, by their place inside it. */
export function ruleFaults(faults: readonly Fault[]): Fault[] {
  const inside = /^(?:\$\.)?(?:body\.)?rule(?=$|\.|\[)/;
  return faults
    .filter((fault) => inside.test(fault.path))
    .map((fault) => ({ ...fault, path: fault.path.replace(inside, "$") }));
}
