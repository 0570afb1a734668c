import type { PlannedInstances } from "../../../core/gates/facts.ts";
import { shownMachines } from "../../../core/gates/summary-size.ts";

/** Whither the running cost of a plan's machines goes. `other`: machines of other types, whose prices nobody here knows. */
export type CostDirection = "up" | "down" | "same" | "other" | "open";

/** Whether a plan may have more of them than a summary holds. */
export function mayBeMore(machines: readonly PlannedInstances[]): boolean {
  return machines.length >= shownMachines;
}

/** By type and number of the machines alone. `open`: the plan does not tell enough, or its summary does not. */
export function costDirection(
  before: readonly PlannedInstances[] | null,
  after: readonly PlannedInstances[],
): CostDirection {
  const [was, will] = [before === null ? undefined : countsOf(before), countsOf(after)];
  if (was === undefined || will === undefined) return "open";
  const changes = [...new Set([...was.keys(), ...will.keys()])]
    .map((type) => (will.get(type) ?? 0) - (was.get(type) ?? 0))
    .filter((difference) => difference !== 0);
  if (changes.length === 0) return "same";
  if (changes.every((difference) => difference > 0)) return "up";
  return changes.every((difference) => difference < 0) ? "down" : "other";
}

/** Whether a machine of this type has accelerators, by the families of EC2 that do: P, G, Inf, Trn, DL. */
export function hasAccelerators(type: string): boolean {
  return /^(ml\.)?(p|g|gr|inf|trn|dl)\d/.test(type);
}

function countsOf(machines: readonly PlannedInstances[]): ReadonlyMap<string, number> | undefined {
  if (mayBeMore(machines)) return undefined;
  const counts = new Map<string, number>();
  for (const { type, count } of machines) {
    if (type === null || count === null) return undefined;
    counts.set(type, (counts.get(type) ?? 0) + count);
  }
  return counts;
}
