import type { ChangeAction, PlannedInstances } from "../../../core/gates/facts.ts";
import type { CostDirection } from "../review/cost-direction.ts";
import { count, list } from "./en-phrases.ts";

const changed: Record<ChangeAction, string> = {
  create: "Creates",
  update: "Updates",
  replace: "Replaces",
  delete: "Deletes",
};
const named = (machines: readonly PlannedInstances[]): string =>
  list(machines.map(({ type, count }) => `${count ?? "an open number"} × ${type ?? "an open type"}`));

/** What a candidate brings: curves, the comparison, the infrastructure, tests and other reports. */
export const enRelease = {
  comparison: {
    heading: (open: boolean) => (open ? "Compared with what runs now" : "Compared with what ran then"),
    first: "This is the first release: there is nothing to compare it with.",
    with: (version: string, older: number, open: boolean) =>
      `Compared with version ${version}, which ${open ? "runs now" : "ran when the gates were evaluated"}${older === 0 ? "" : `, and for fairness with ${count(older, "release")} before it`}.`,
    before: (open: boolean) => (open ? "Now" : "Then"),
    unknown: "not measured",
  },
  infrastructure: {
    heading: "Infrastructure",
    counts: (counts: Readonly<Record<ChangeAction, number>>) =>
      `${counts.create} created, ${counts.update} updated, ${counts.replace} replaced, ${counts.delete} deleted.`,
    lost: (number: number) => (number === 0 ? "Nothing is lost" : `${number} lost or replaced`),
    machines: (machines: readonly PlannedInstances[]) => `It asks for ${named(machines)}.`,
    machinesBefore: (machines: readonly PlannedInstances[]) => `Before it the same resources have ${named(machines)}.`,
    maybeMore: "These are all that is shown here; the plan may ask for more.",
    noMachines: "No machine comes, goes or changes: running costs stay as they are, as far as the plan tells.",
    noAccelerators: "None of them has accelerators.",
    accelerators: (types: readonly string[]) => `With accelerators: ${list([...new Set(types)])}.`,
    cost: {
      up: "Running costs go up.",
      down: "Running costs go down.",
      same: "Running costs stay as they are.",
      other: "They are of other types than now: compare their prices.",
      open: "It is not told enough of the plan to say whither running costs go.",
    } satisfies Record<CostDirection, string>,
    change: (action: ChangeAction, type: string, address: string) => `${changed[action]} ${address} (${type})`,
    more: (number: number) => `And ${count(number, "more change")}.`,
  },
  notShown: "What is in these is not shown here:",
  otherMeasures: { heading: "Tests and other reports" },
  curve: {
    heading: "Precision and recall",
    none: "No precision-recall curve was reported.",
    sentence: (from: string, atLow: string, to: string, atHigh: string) =>
      `Precision goes from ${from} at a recall of ${atLow} to ${to} at a recall of ${atHigh}.`,
    operatingPoint: (precision: string, recall: string, threshold: string | undefined) =>
      `The model answers ${threshold === undefined ? "" : `at a threshold of ${threshold}, `}with a precision of ${precision} and a recall of ${recall}: the dot.`,
    noOperatingPoint: "The report does not say where on the curve the model answers.",
    precision: "Precision",
    recall: "Recall",
    threshold: "Threshold",
    table: (points: number) => `The ${points} points as a table`,
  },
  calibration: {
    heading: "Calibration",
    none: "No report says whether the model's probabilities come true.",
    sentence: (gap: string) => `What the model predicts and what came true differ by ${gap} on average.`,
    worst: (predicted: string, observed: string, rows: number) =>
      `The farthest: where it said ${predicted}, ${observed} came true (${count(rows, "row")}).`,
    predicted: "Predicted",
    observed: "Came true",
    rows: "Rows",
    table: (bins: number) => `The ${bins} points as a table`,
  },
  running: {
    heading: "Shadow run and drift",
    noShadow: "It did not run in shadow: nothing is known from real traffic.",
    noDrift: "It does not answer a report of drift.",
    drifted: (open: boolean) =>
      open
        ? "What runs has drifted, and this asks to let it run on."
        : "What ran had drifted, and this asked to let it run on.",
  },
  next: {
    heading: "What happens next",
    now: "now",
    note: "A rejection, a deadline that passes or a change of the rules ends or repeats this.",
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
