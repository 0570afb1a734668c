import type { ChangeAction, PlannedInstances } from "../../../core/gates/facts.ts";
import { count, list } from "./en-phrases.ts";

const changed: Record<ChangeAction, string> = {
  create: "Creates",
  update: "Updates",
  replace: "Replaces",
  delete: "Deletes",
};
/** What a candidate brings: curves, the comparison, the infrastructure, tests and other reports. */
export const enRelease = {
  comparison: {
    heading: "Compared with what runs now",
    first: "This is the first release: there is nothing to compare it with.",
    with: (version: string, older: number) =>
      `Compared with version ${version}, which runs now${older === 0 ? "" : `, and for fairness with ${count(older, "release")} before it`}.`,
    before: "Now",
    unknown: "not measured",
  },
  infrastructure: {
    heading: "Infrastructure",
    counts: (counts: Readonly<Record<ChangeAction, number>>) =>
      `${counts.create} created, ${counts.update} updated, ${counts.replace} replaced, ${counts.delete} deleted.`,
    lost: (number: number) => (number === 0 ? "Nothing is lost" : `${number} lost or replaced`),
    machines: (machines: readonly PlannedInstances[]) =>
      `It asks for ${list(machines.map(({ type, count }) => `${count ?? "an open number"} × ${type ?? "an open type"}`))}.`,
    change: (action: ChangeAction, type: string, address: string) => `${changed[action]} ${address} (${type})`,
    more: (number: number) => `And ${count(number, "more change")}.`,
  },
  otherMeasures: { heading: "Tests and other reports" },
  curve: {
    heading: "Precision and recall",
    none: "No precision-recall curve was reported.",
    sentence: (from: string, atLow: string, to: string, atHigh: string) =>
      `Precision goes from ${from} at a recall of ${atLow} to ${to} at a recall of ${atHigh}.`,
    precision: "Precision",
    recall: "Recall",
    threshold: "Threshold",
    table: (points: number) => `The ${points} points as a table`,
  },
  checks: {
    heading: "Data and security",
    schema: (violations: number) =>
      violations === 0 ? "The data keeps its schema." : `${count(violations, "schema violation")}.`,
    noPii: "No column is flagged as personal data.",
    pii: (columns: readonly string[], more: number) =>
      `Flagged as personal data: ${list([...columns, ...(more > 0 ? [`${more} more`] : [])])}.`,
    scan: (findings: readonly (readonly [string, number])[]) =>
      `Security scan: ${list(findings.map(([severity, number]) => `${number} ${severity}`))}.`,
    none: "No schema, personal data or security report was given.",
  },
};
