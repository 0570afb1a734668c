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
  readonly loan: "" | "4h 2 month" | "1h 1 quarter" | "10m 2 year";
  readonly excludesAuthors: boolean;
  readonly policyChange: boolean;
  readonly passkey: boolean;
  readonly renamed: boolean;
  readonly expires: "10d" | "1d";
  readonly deadline: "" | "6h";
  readonly minimum: "" | "10m";
  readonly frozen: "" | "once" | "weekly" | "excepted" | "abroad";
  readonly onDrift: "keep" | "previous" | "stop";
  readonly onIntruder: "report" | "take-back";
  readonly judges: boolean;
  readonly people: "shipped" | "known" | "two for one" | "one for two" | "twice";
  readonly conditions: boolean | "few";
  readonly riskOfficer: boolean | "first" | "update" | "auc" | "plan";
  /** Whether a version after the first one is asked for otherwise, and by fewer. */
  readonly updates: boolean;
  /** How lead data scientists sign in, by which provider compliance officers, and how many of the former stop something. */
  readonly leads: "" | "factors" | "issuer" | "stop";
  readonly unlinkable: boolean;
  /** Whether what is let through to `production` waits until its infrastructure is there. */
  readonly applied: boolean;
  readonly auc: "0.72" | "0.74" | "0.99";
  /** Until when that is on trial. */
  readonly tried: "" | "2026-11-23T12:00:00.000Z" | "2026-11-25" | "2027-06-01";
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
  loan: ["4h 2 month", "", "1h 1 quarter", "10m 2 year"],
  excludesAuthors: [true, false],
  policyChange: [true, false],
  passkey: [false, true],
  renamed: [false, true],
  expires: ["10d", "1d"],
  deadline: ["", "6h"],
  minimum: ["", "10m"],
  frozen: ["", "once", "weekly", "excepted", "abroad"],
  onDrift: ["keep", "previous", "stop"],
  onIntruder: ["report", "take-back"],
  judges: [true, false],
  people: ["shipped", "known", "two for one", "one for two", "twice"],
  conditions: [true, false, "few"],
  riskOfficer: [false, true, "first", "update", "auc", "plan"],
  updates: [false, true],
  leads: ["", "factors", "issuer", "stop"],
  unlinkable: [false, true],
  applied: [false, true],
  auc: ["0.72", "0.74", "0.99"],
  tried: ["", "2026-11-23T12:00:00.000Z", "2026-11-25", "2027-06-01"],
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
    "thresholds.yaml": `${thresholdsOf(texts["thresholds.yaml"], rules)}
  - modelType: credit-scoring
    target: rollout
    artifacts: [model]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
  - modelType: credit-scoring
    target: hook
    artifacts: [model]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
  - modelType: credit-scoring
    target: shared
    artifacts: [model]
    evidence: [model-quality]
    quality: { auc: { min: 0.72 } }
`,
  };
}

function thresholdsOf(text: string, { auc, tried }: Rules): string {
  const trial = tried === "" ? "" : `    dryRun: [{ rule: quality.auc, until: "${tried}" }]\n`;
  return text.replace("auc: { min: 0.72", `auc: { min: ${auc}`).replace("    data: {", `${trial}$&`);
}

const group = '    registry: "arn:aws:sagemaker:eu-central-1:111122223333:model-package-group/{model}"\n';

function targetsOf(text: string, { endpoint, production, registry, applied }: Rules): string {
  const more = `${registry ? group : ""}${applied ? "    infrastructure: applied\n" : ""}`;
  return text
    .replace("  production:\n", `  ${production}:\n${more}`)
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
  hook:
    kind: webhook
    endpoint: "hook/{model}"
    url: https://deploy.example.org/countersign
    secret: deployer
    within: 2h
  shared:
    kind: sagemaker-inference-component
    endpoint: "shared-{model}"
    host: models
    copies: 4
    resources: { memoryMegabytes: 2048, cpuCores: 0.5 }
    traffic: { rolling: { copies: 1, wait: 1m } }
    alarms: { errorPercent: 2 }
    watch: 10m
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
          const account = name === "Sam" ? "    accounts: { github: 4242 }\n" : "";
          return `\n  - name: ${name}\n    address: ${own}@example.com\n    identities: [${one(own)}]\n${account}`;
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
  const when = {
    first: "{ release: first }",
    update: "{ release: update }",
    auc: "{ metrics: { auc: { below: 0.75 } } }",
    plan: "{ infrastructureChanges: { atLeast: 1 } }",
  };
  const risk =
    typeof rules.riskOfficer === "string"
      ? `, { role: risk-officer, when: ${when[rules.riskOfficer]} }`
      : rules.riskOfficer
        ? ", { role: risk-officer }"
        : "";
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
  const [maximum, loans, per] = rules.loan.split(" ");
  const loan =
    maximum === "" || maximum === undefined
      ? []
      : [`    loan: { roles: [incident-commander], maximum: ${maximum}, budget: { loans: ${loans}, per: ${per} } }`];
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
      ...(rules.conditions === "few" ? ["    conditions: { allowed: [errorPercent], maximumDuration: 10m }"] : []),
      ...(rules.conditions === false ? ["    conditions: forbidden"] : []),
      ...(rules.unlinkable ? ["    unlinkableAuthors: allowed"] : []),
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
    abroad:
      "freezeWindows:\n  - { name: Evenings, zone: America/New_York, weekly: { from: tue 23:30, until: wed 02:30 } }\n  - { name: Spring, zone: Europe/Berlin, from: 2027-03-28 01:30, until: 2027-03-28 03:30 }\n",
  }[rules.frozen];
  const leadsToo = { "": "", issuer: "", factors: ", signIn: { amr: [pwd, otp] }", stop: ", rejectionsToStop: 2" }[
    rules.leads
  ];
  const update = rules.updates
    ? rule(rules.production, ["    when: { release: update }", ...loan], stage("compliance", compliance))
    : "";
  return `matrixVersion: 1
roles:
  lead-data-scientist: { title: Lead data scientist, groups: [lead-data-scientists]${judges("model, data")}${leadsToo} }
  compliance-officer: { title: Compliance officer, groups: [compliance-officers]${judges("model, data")}${rules.leads === "issuer" ? `, issuers: ["${issuer}"]` : ""} }
  risk-officer: { title: Risk officer, groups: [risk-officers]${judges("model")} }
  incident-commander: { title: Incident commander, groups: [incident-commanders]${judges("model")}${rules.lenders === "" ? "" : ", secondFactor: passkey"} }
  head-of-risk: { title: Head of risk, groups: [heads-of-risk]${judges("model")}${rules.leads === "factors" ? leadsToo : ""}${rules.passkey ? ", secondFactor: passkey" : ""} }
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
${update}
${rule(
  rules.production,
  [...(rules.carryOver === "" ? [] : [`    carryOver: ${rules.carryOver}`]), ...shadow(rules.shadow), ...loan],
  stages,
)}
${rule("rollout", [], stage("compliance", compliance))}
${rule("cluster", loan, stage("operations", operations))}
${rule("shared", loan, stage("operations", operations))}
${rule("hook", loan, stage("operations", operations))}
${rule("offers", [...shadow(rules.offersShadow), ...loan], stage("operations", operations))}
`;
}
