import type { Fault } from "@/features/rules";

/** The faults at or below a part of what was sent: `rule`, `rank.value`. Paths begin with `$`. */
export function faultsAt(faults: readonly Fault[], part: string): Fault[] {
  return faults.filter((fault) => {
    const path = fault.path.replace(/^\$\.?/, "");
    return path === part || path.startsWith(`${part}.`) || path.startsWith(`${part}[`);
  });
}
