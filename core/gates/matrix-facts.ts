import type { EvidenceFacts } from "../promotion/promotion.ts";
import type { Facts } from "./facts.ts";

/**
 * What the approval matrix may decide by: each metric's readings, by its name, in an order that does not depend on that
 * of the documents. A value that could not be read is a gap of the gates and no reading here.
 */
export function matrixFacts(facts: Pick<Facts, "metrics" | "plans">): EvidenceFacts {
  const names = [...new Set(facts.metrics.map(({ name }) => name))].toSorted();
  const readings = (name: string) =>
    facts.metrics.flatMap((metric) => (metric.name === name ? [metric.value] : [])).toSorted((a, b) => a - b);
  return {
    metrics: Object.fromEntries(names.map((name) => [name, [...new Set(readings(name))]])),
    ...(facts.plans.length === 0
      ? {}
      : { infrastructureChanges: facts.plans.reduce((sum, { changes }) => sum + changes.length, 0) }),
  };
}
