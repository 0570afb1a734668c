import type { PolicyFolder } from "../../../../adapters/policies/policy-folder.ts";
import { loadPolicies } from "../../../../core/policy/load-policies.ts";
import type { PolicyBundle } from "../../../../core/policy/policy-bundle.ts";
import { shipped } from "../house.ts";
import { issuer } from "../reviewers.ts";

/** What may differ between two versions of the policies. */
export interface Rules {
  readonly twoCompliance: boolean;
  readonly operations: "second" | "first" | "any" | "none";
  readonly toStop: 1 | 2;
  readonly carryOver: "" | "1d" | "3d";
  readonly loan: "" | "4h 2" | "1h 1";
  readonly excludesAuthors: boolean;
  readonly policyChange: boolean;
  readonly passkey: boolean;
  readonly renamed: boolean;
  readonly expires: "10d" | "1d";
  readonly deadline: "" | "6h";
  readonly minimum: "" | "10m";
  readonly frozen: "" | "once" | "weekly" | "excepted";
  readonly onDrift: "keep" | "previous" | "stop";
  readonly onIntruder: "report" | "take-back";
  readonly judges: boolean;
  readonly people: "shipped" | "known" | "two for one" | "one for two" | "twice";
  readonly conditions: boolean;
  readonly riskOfficer: boolean;
  readonly auc: "0.72" | "0.74" | "0.99";
  readonly shadow: "" | "1m 3" | "10m 20";
  /** In the target `offers`, of which requests come over in steps. */
  readonly offersShadow: "" | "1m 3" | "10m 20";
  readonly offersDrift: "keep" | "previous" | "stop";
  readonly again: "" | "previous" | "stop";
  /** Where what is let through to `production` serves. */
  readonly endpoint: "{model}" | "{model}-blue";
  /** What is called `production` first. */
  readonly production: "production" | "live";
  /** Whether what is let through to it is a version in the Model Registry. */
  readonly registry: boolean;
  /** After how long the head of risk may sign in any seat. */
  readonly escalation: "" | "1h" | "1d";
  /** Whether whoever lends seats answers with a passkey as well. */
  readonly lenders: "" | "passkey";
}

export const everyRule: { readonly [Name in keyof Rules]: readonly Rules[Name][] } = {
  twoCompliance: [false, true],
  operations: ["second", "first", "any", "none"],
  toStop: [1, 2],
  carryOver: ["3d", "", "1d"],
  loan: ["4h 2", "", "1h 1"],
  excludesAuthors: [true, false],
  policyChange: [true, false],
  passkey: [false, true],
  renamed: [false, true],
  expires: ["10d", "1d"],
  deadline: ["", "6h"],
  minimum: ["", "10m"],
  frozen: ["", "once", "weekly", "excepted"],
  onDrift: ["keep", "previous", "stop"],
  onIntruder: ["report", "take-back"],
  judges: [true, false],
  people: ["shipped", "known", "two for one", "one for two", "twice"],
  conditions: [true, false],
  riskOfficer: [false, true],
  auc: ["0.72", "0.74", "0.99"],
  shadow: ["", "1m 3", "10m 20"],
  offersShadow: ["", "1m 3", "10m 20"],
  offersDrift: ["keep", "previous", "stop"],
  again: ["", "previous", "stop"],
  endpoint: ["{model}", "{model}-blue"],
  production: ["production", "live"],
  registry: [false, true],
  escalation: ["", "1h", "1d"],
  lenders: ["", "passkey"],
};

export const firstRules = Object.fromEntries(
  Object.entries(everyRule).map(([name, [first]]) => [name, first]),
) as unknown as Rules;

/** The policies that say so. */
export function policiesOf(rules: Rules): PolicyFolder {
  const { bundle } = shipped;
  return loadPolicies({ ...bundle, texts: { ...bundle.texts, ...textsOf(rules) } });
}

export function textsOf(rules: Rules): Partial<PolicyBundle["texts"]> {
  const { texts } = shipped.bundle;
  return {
    "matrix.yaml": matrixOf(rules),
    "people.yaml": `${texts["people.yaml"]}${peopleOf(rules)}`,
    "targets.yaml": `${targetsOf(texts["targets.yaml"], rules)}${rollout}`,
    "machines.yaml": texts["machines.yaml"].replace(
      "submits: [credit-scoring,",
      "submits: [credit-scoring, mortgages,",
    ),
    "thresholds.yaml": `${texts["thresholds.yaml"].replace("auc: { min: 0.72", `auc: { min: ${rules.auc}`)}
  - modelType: credit-scoring
    target: rollout
    artifacts: [model]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
`,
  };
}

const group = '    registry: "arn:aws:sagemaker:eu-central-1:111122223333:model-package-group/{model}"\n';

function targetsOf(text: string, { endpoint, production, registry }: Rules): string {
  return text
    .replace("  production:\n", `  ${production}:\n${registry ? group : ""}`)
    .replace('endpoint: "{model}"', `endpoint: "${endpoint}"`)
    .replace("instanceCount: 1", "instanceCount: 2")
    .replace(
      'endpoint: "{model}-offers"',
      'endpoint: "{model}-offers"\n    traffic: { linear: { percent: 50, wait: 2m } }\n    alarms: { errorPercent: 5 }',
    );
}

const rollout = `
  rollout:
    kind: pipeline
    endpoint: "{model}"
    audiences: [vault]
    within: 2h
`;

function peopleOf({ people }: Rules): string {
  const one = (subject: string) => `{ issuer: "${issuer}", subject: sub-${subject} }`;
  switch (people) {
    case "shipped":
      return "";
    case "known":
      return ["Ida", "Cleo", "Sam"]
        .map((name) => {
          const own = name.toLowerCase();
          return `\n  - name: ${name}\n    address: ${own}@example.com\n    identities: [${one(own)}]\n`;
        })
        .join("");
    case "twice":
      return `\n  - name: Cora\n    address: cora@example.com\n    identities: [${one("cora")}, ${one("corina")}]\n`;
    case "two for one":
      return "\n  - name: One\n    address: cora@example.com\n    otherAddresses: [dana@example.com]\n";
    case "one for two":
      return `\n  - name: Cleo\n    address: cleo@example.com\n    identities: [${one("cleo")}, ${one("cora")}]\n`;
    default:
      return people satisfies never;
  }
}

function matrixOf(rules: Rules): string {
  const sre = rules.renamed ? "reliability" : "sre";
  const judges = (what: string) => (rules.judges ? `, judges: [${what}]` : "");
  const compliance = `{ role: compliance-officer${rules.twoCompliance ? ", count: 2" : ""} }`;
  const operations = `{ role: ${sre} }`;
  const leads = "{ role: lead-data-scientist }";
  const risk = rules.riskOfficer ? ", { role: risk-officer }" : "";
  const stage = (name: string, requires: string) =>
    [
      `      - name: ${name}`,
      `        requires: ${requires}`,
      ...(rules.toStop === 1 ? [] : [`        rejectionsToStop: ${rules.toStop}`]),
      ...(rules.deadline === "" ? [] : [`        deadline: ${rules.deadline}`]),
      ...(rules.minimum === "" ? [] : [`        minimumReview: ${rules.minimum}`]),
    ].join("\n");
  const stages = {
    second: [
      stage("compliance", compliance),
      stage(
        rules.renamed ? "model and reliability" : "model and operations",
        `{ all: [${leads}, ${operations}${risk}] }`,
      ),
    ],
    first: [
      stage("operations", `{ all: [${operations}${risk}] }`),
      stage("compliance", `{ all: [${compliance}, ${leads}] }`),
    ],
    any: [
      stage("compliance", `{ all: [${compliance}${risk}] }`),
      stage("either", `{ any: [${leads}, ${operations}] }`),
    ],
    none: [stage("compliance", `{ all: [${compliance}${risk}] }`)],
  }[rules.operations].join("\n");
  const [maximum, loans] = rules.loan.split(" ");
  const loan =
    maximum === "" || maximum === undefined
      ? []
      : [`    loan: { roles: [incident-commander], maximum: ${maximum}, budget: { loans: ${loans}, per: month } }`];
  const excludes = rules.excludesAuthors
    ? "[requester, started-the-run, trained-the-model, wrote-the-code, owns-the-data, wrote-the-infrastructure]"
    : "[requester]";
  // What is done at once goes further, or the same far.
  const goesFurther = { keep: ["previous", "stop"], previous: ["stop"], stop: [] } as const;
  const after = (onDrift: Rules["onDrift"]) => [
    `    onDrift: ${onDrift}`,
    ...goesFurther[onDrift].filter((each) => each === rules.again).map((each) => `    ifNotReapproved: ${each}`),
  ];
  const rule = (target: string, more: readonly string[], its: string) =>
    [
      "  - modelType: credit-scoring",
      `    target: ${target}`,
      `    expiresAfter: ${rules.expires}`,
      `    excludes: ${excludes}`,
      ...after(target === "offers" ? rules.offersDrift : rules.onDrift),
      `    onIntruder: ${rules.onIntruder}`,
      ...(rules.conditions ? [] : ["    conditions: forbidden"]),
      ...more,
      "    stages:",
      its,
    ].join("\n");
  const shadow = (asked: Rules["shadow"]) => {
    const [duration, requests] = asked.split(" ");
    return duration === "" || duration === undefined
      ? []
      : [
          `    shadow: { duration: ${duration}, requests: ${requests}, within: 1h, agreement: 0.9, psi: 0.2, answers: { threshold: 0.5 } }`,
        ];
  };
  const windows = {
    "": "",
    once: "freezeWindows:\n  - { name: Noon, zone: UTC, from: 2026-11-24 12:00, until: 2026-11-25 13:00 }\n",
    weekly: "freezeWindows:\n  - { name: Nights, zone: UTC, weekly: { from: mon 18:00, until: tue 08:00 } }\n",
    excepted:
      "freezeWindows:\n  - { name: Always, zone: UTC, from: 2026-11-23 00:00, until: 2027-01-04 08:00, exceptions: [{ model: credit-scoring, reason: Agreed by the board, until: 2026-11-26 12:00 }] }\n",
  }[rules.frozen];
  return `matrixVersion: 1
roles:
  lead-data-scientist: { title: Lead data scientist, groups: [lead-data-scientists]${judges("model, data")} }
  compliance-officer: { title: Compliance officer, groups: [compliance-officers]${judges("model, data")} }
  risk-officer: { title: Risk officer, groups: [risk-officers]${judges("model")} }
  incident-commander: { title: Incident commander, groups: [incident-commanders]${judges("model")}${rules.lenders === "" ? "" : ", secondFactor: passkey"} }
  head-of-risk: { title: Head of risk, groups: [heads-of-risk]${judges("model")}${rules.passkey ? ", secondFactor: passkey" : ""} }
  operator: { title: Operator, groups: [sre] }
  ${sre}: { title: Site reliability engineer, groups: [sre]${judges("infrastructure")}${rules.passkey ? ", secondFactor: passkey" : ""} }
${rules.escalation === "" ? "" : `reminders:\n  every: 1d\n  escalation: { after: ${rules.escalation}, to: head-of-risk, mayFill: true }\n`}${windows}${
  rules.policyChange
    ? `policyChange:
  expiresAfter: 5d
  excludes: [requester]
  stages:
    - name: policy
      requires:
        all: [{ role: compliance-officer }, { role: lead-data-scientist }]
`
    : ""
}rules:
${rule(
  rules.production,
  [...(rules.carryOver === "" ? [] : [`    carryOver: ${rules.carryOver}`]), ...shadow(rules.shadow), ...loan],
  stages,
)}
${rule("rollout", [], stage("compliance", compliance))}
${rule("offers", [...shadow(rules.offersShadow), ...loan], stage("operations", operations))}
`;
}
