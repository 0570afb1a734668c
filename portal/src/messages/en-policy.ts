import type { SimulatedGates } from "../../../core/policy/simulate-gates.ts";
import type { Simulation } from "../../../core/policy/simulation.ts";
import { list } from "./en-phrases.ts";

const outcomes: Record<Simulation["outcome"], string> = {
  "would-pass": "Would pass",
  "would-be-blocked": "Would be blocked",
  "would-wait": "Would wait",
};
/** That they were not judged is among the reasons already. */
const gateOutcomes: Record<Exclude<SimulatedGates["outcome"], "not-judged">, string> = {
  passed: "The gates pass.",
  blocked: "The gates block it.",
  undecided: "The gates cannot decide with what was given.",
};

/** English, of the page about policies. */
export const policy = {
  heading: "Policy",
  lead: "Who must sign before a model may run, and what the gates ask of it. These are the rules in force; of the rules for a model type and target, the first that applies counts.",
  version: {
    heading: "The policies in force",
    digest: "Digest (SHA-256)",
    number: "Number",
    since: "In force since",
    unknown: "Not written down yet; that takes some minutes after a deployment.",
    by: "Put in force by",
    deployed: "A deployment",
    signed: (names: readonly string[]) => (names.length === 0 ? "A quorum," : `A quorum: ${list(names)},`),
    promotion: "in this promotion",
    change: "Changing it",
    changedByQuorum: "A change is signed off under these rules before it is in force.",
    refusedIfNew:
      "They count as they were taken. If they came today, Countersign would refuse them, by rules that came later: put better ones in force.",
    changedByDeployment: "Whoever deploys Countersign changes the policies.",
  },
  changeRule: "A change of all this",
  rule: (number: number, modelType: string, target: string) => `Rule ${number}: ${modelType} in ${target}`,
  stages: "Stages, one after the other",
  gates: "What the gates ask",
  noGates: "No thresholds are set, so every candidate is blocked.",
  roles: "Who holds which role",
  windows: "Freeze windows",
  try: "Try it",
  tryLead:
    "What would become of a request, with the people whom you take to sign. Nothing is recorded and nobody is told.",
  forRule: "For",
  model: "Model's name",
  release: "Release",
  first: "The first in this target",
  update: "An update",
  riskTier: "Risk tier",
  dataClass: "Class of its data",
  asTheMatrixSays: "As the matrix says",
  trainedBy: "Address of whoever trained it",
  approve: "Who approves (addresses or names, with commas)",
  reject: "Who rejects (addresses or names, with commas)",
  at: "When",
  button: "Simulate",
  working: "Simulating…",
  result: "What would become of it",
  outcomes,
  gateOutcomes,
  applies: (number: number) => `Rule ${number} applies.`,
  excluded: "May not approve",
  approval: "Approval",
  notes: "Taken for granted",
  withdraw: {
    heading: "Withdraw your proposal",
    lead: "Nobody is asked about it any more, and it cannot come in force. What was signed stays in the record; you may propose again.",
    button: "Withdraw it",
  },
};
