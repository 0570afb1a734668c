import type { Finding } from "../../../core/gates/gate-report.ts";
import type { Attention } from "../../../core/gates/summary-attention.ts";
import type { ArtifactRole, EvidenceKind } from "../../../core/promotion/freeze-manifest.ts";
import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import type { ComponentTarget } from "../../../core/promotion/target.ts";
import type { OlderFacts } from "../api/contract.ts";
import { changeHeading, changeSentence } from "./en-change.ts";
import { count, given, list } from "./en-phrases.ts";

/** By the metric's name in the reports: what it says, for whoever does not reckon with it every day. */
const fairnessMeanings: Readonly<Record<string, string>> = {
  AD: "How often the answers are right: among the others, minus in the group. 0: equally often; above 0: less often in the group.",
  CDDPL:
    "How much larger the group's share of all negative answers is than its share of all positive ones, within comparable subgroups. 0: alike.",
  CI: "How many more of the others than of the group are in the data. 0: equally many; near 1: hardly anybody of the group.",
  DAR: "Of those who got a positive answer, how many should have: among the others, minus in the group. 0: alike.",
  DI: "The share of positive answers in the group, divided by that among the others. 1: alike; 0.8: four fifths as often.",
  DPL: "The share of positive cases in the data: among the others, minus in the group. 0: alike.",
  DPPL: "The share of positive answers: among the others, minus in the group. 0: alike; above 0: the group gets fewer.",
  DRR: "Of those who got a negative answer, how many should have: in the group, minus among the others. 0: alike.",
  RD: "Of those who should get a positive answer, how many do: among the others, minus in the group. 0: alike; above 0: the group misses more.",
  SD: "Of those who should get a negative answer, how many do: in the group, minus among the others. 0: alike.",
  TE: "Wrong negative answers for each wrong positive one: in the group, minus among the others. 0: alike.",
  demographic_parity_difference: "The largest share of positive answers of any group, minus the smallest. 0: alike.",
  demographic_parity_ratio: "The smallest share of positive answers of any group, divided by the largest. 1: alike.",
  equalized_odds_difference:
    "How far the groups are apart in how many get a positive answer: of those who should, or of those who should not, whichever is more. 0: alike.",
};

/** English: what a reviewer reads about a candidate before deciding. */
export const enReview = {
  findingStatuses: { passed: "Passed", failed: "Failed", missing: "Missing" } satisfies Record<
    Finding["status"],
    string
  >,
  policyChanges: {
    heading: "What changes in the policies",
    became: { gone: "Gone:", new: "New:", stays: "Below:" },
    more: (number: number) => `and ${number} more lines: policy-check.json in the audit pack has all of them.`,
  },
  attention: {
    heading: "Look at this first",
    nothing: "The rules found nothing that failed, is missing or is unusual.",
    kinds: { failed: "Failed", missing: "Missing", "on-trial": "On trial", unusual: "Unusual" } satisfies Record<
      Attention["kind"],
      string
    >,
    none: "The gates have not been evaluated yet, so there is nothing to show.",
  },
  change: {
    heading: changeHeading,
    sentence: changeSentence,
    type: "Model type",
    runsOn: "Runs on",
    cluster: (cluster: string, namespace: string) => `Kubernetes cluster ${cluster}, namespace ${namespace}`,
    delivered: (cluster: string, namespace: string, application: string) =>
      `Kubernetes cluster ${cluster}, namespace ${namespace}, brought by Argo CD's Application ${application}`,
    webhook: (endpoint: string) => `${endpoint}: whoever takes the target's messages deploys it`,
    pipeline: (endpoint: string) =>
      `${endpoint}: the pipeline deploys by itself, with a passport that it is given at quorum`,
    instances: (number: number, type: string) => `${number} × ${type}`,
    serverless: (memory: number, concurrency: number) =>
      `Serverless, ${memory} MB, ${concurrency} requests at once at most`,
    component: ({ copies, resources, host }: ComponentTarget) =>
      `${count(copies, "copy", "copies")} on the endpoint ${host}, which others may share; each has ${list([
        `${resources.memoryMegabytes} MB of memory${resources.mostMemoryMegabytes === undefined ? "" : ` (${resources.mostMemoryMegabytes} MB at most)`}`,
        ...(resources.cpuCores === undefined ? [] : [count(resources.cpuCores, "CPU core")]),
        ...(resources.accelerators === undefined ? [] : [count(resources.accelerators, "accelerator")]),
      ])}`,
    nowhere: "Nowhere: it is put in force",
    answers: "Answers",
    account: "In the AWS account",
    told: "Told beside its image",
    toldNote:
      "The containers are told commands, settings or files that the target names by this digest. Others are refused; ask whoever runs the cluster what they are.",
    network: "Network",
    open: "Open: the model's container may send out what it is asked.",
    requester: "Requested by",
    machine: (name: string) => `the pipeline ${name}`,
    digest: "Freeze digest",
    digestNote: "Names every file below; this is what everybody signs.",
  },
  gates: {
    heading: "Gates",
    passed: (number: number) => `All ${number} gates pass.`,
    failed: (number: number, all: number) => `${number} of ${all} gates do not pass.`,
    onTrial: (number: number) =>
      `${count(number, "rule")} on trial ${number === 1 ? "does" : "do"} not pass and ${number === 1 ? "does" : "do"} not block yet.`,
    measure: "Measure",
    value: "Value",
    required: "Required",
    margin: "Margin",
    all: (number: number) => `All ${number} rules, one by one`,
    nearest: (title: string, margin: string, holds: boolean) =>
      `The ${holds ? "narrowest margin" : "largest shortfall"} is ${title}: ${margin}.`,
    others: (number: number) => `${count(number, "more measure")} that no rule judges`,
    most: (number: number) =>
      `No more than ${number} measures are shown here, those that a rule judges first. The documents have all of them.`,
  },
  between: (min: string, max: string) => `${min} to ${max}`,
  atLeast: (min: string) => `at least ${min}`,
  atMost: (max: string) => `at most ${max}`,
  interval: (low: string, high: string, level: string | undefined) =>
    `${level === undefined ? "interval" : `${level} % interval`} ${low} to ${high}`,
  fairness: {
    heading: "Fairness",
    none: "No fairness measures were reported.",
    within: (facets: readonly string[]) => `Within the bounds for ${list(facets)}.`,
    outside: (facets: readonly string[]) => `Outside the bounds for ${list(facets)}.`,
    unjudged: (facets: readonly string[]) => `No rule judges what was measured for ${list(facets)}.`,
    /** Some reports number the groups, others name them. */
    facet: (facet: string, group: string) => (/^[0-9]/.test(group) ? `${facet}: group ${group}` : `${facet}: ${group}`),
    meanings: "What these measures say",
    compared: "The group is that of the heading below; the others are everybody else.",
    meaning: fairnessMeanings,
    range: "Against the bounds",
  },
  features: {
    heading: "What moves the answers most",
    none: "No feature attributions were reported.",
    lead: (feature: string) => `${feature} matters most. Mean absolute contributions to the answers, largest first.`,
    feature: "Feature",
    value: "Attribution",
    share: "Relative size",
  },
  files: {
    heading: "Files that are frozen",
    artifacts: "Artifacts",
    evidence: "Evidence",
    name: "File",
    kind: "What it is",
    digest: "SHA-256",
    state: "State",
    matches: "Bytes verified",
    differs: "Bytes differ",
    unreadable: "Cannot be read",
    artifactRoles: {
      model: "Model",
      environment: "Environment",
      "training-data": "Training data",
      infrastructure: "Infrastructure",
      policy: "Policies",
    } satisfies Record<ArtifactRole, string>,
    evidenceKinds: {
      "model-quality": "Model quality",
      bias: "Bias",
      explainability: "Explainability",
      "data-schema": "Data schema",
      toxicity: "Toxicity",
      "security-scan": "Security scan",
      "shadow-run": "Shadow run",
      "iac-plan": "Infrastructure plan",
      "unit-tests": "Unit tests",
      "data-validation": "Data validation",
      "model-card": "Model card",
      drift: "Drift",
      "policy-check": "Check of the policies",
    } satisfies Record<EvidenceKind, string>,
  },
  lineage: {
    heading: "Who made it",
    trainedBy: "Trained by",
    codeAuthors: "Code written by",
    dataOwners: "Data owned by",
    infrastructureAuthors: "Infrastructure written by",
    source: "Source",
    commit: (repository: string, commit: string) => `${repository} at ${commit}`,
    nobody: "nobody named",
    more: (number: number) => `and ${number} more`,
    account: (provider: string, id: string) => `${provider} account ${id}`,
    excluded: "Cannot approve it",
    barred: (name: string, hand: string) => `${name} ${hand}.`,
    nobodyExcluded: "Nobody who holds a role here had a hand in it.",
  },
  approval: {
    heading: "Who signs",
    filledBy: "Signed by",
    couldSign: (seats: number) => (seats === 1 ? "Could be signed by" : `${seats} seats could be signed by`),
    anyOf: (people: number) => `any of ${people} people`,
    undecided: "Not decided",
    unfilled: (seats: number) => (seats === 1 ? "Nobody signed." : `Nobody signed in ${seats} seats.`),
    nobodyCould: (seats: number) =>
      `Nobody could sign ${seats === 1 ? "this seat" : `these ${seats} seats`} at the moment.`,
    notCounting: "Does not count",
    conditions: (text: string) => `Approved so far on condition that ${text}.`,
    signOffs: "Sign-offs so far",
    signedAs: (result: SignOffResult, roles: readonly string[]) => `${given[result]} as ${list(roles)}`,
  },
  timeline: {
    heading: "What happened",
    messages: (number: number) => `Who was written to (${count(number, "entry", "entries")})`,
    entry: (index: number) => `Ledger entry ${index}`,
    older: ({ letters, drift, outcomes, more }: OlderFacts) => {
      const parts = [
        ...(letters === 0 ? [] : [count(letters, "entry about older letters", "entries about older letters")]),
        ...(drift === 0 ? [] : [count(drift, "older report of drift", "older reports of drift")]),
        ...(outcomes === 0 ? [] : [`${more ? "more than " : ""}${count(outcomes, "older outcome")}`]),
      ];
      return `Not shown: ${list(parts)}. An audit pack has them all.`;
    },
  },
};
