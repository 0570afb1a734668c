import { describe, expect, it } from "vitest";
import type { Instant } from "../../core/encoding/instant.ts";
import type { Sha256 } from "../../core/encoding/sha256.ts";
import type { EarlierRelease } from "../../core/gates/facts.ts";
import { blocks } from "../../core/gates/gate-report.ts";
import { judge } from "../../core/gates/judge.ts";
import type { GateThresholds } from "../../core/gates/thresholds.ts";
import type { EvidenceKind } from "../../core/promotion/freeze-manifest.ts";
import {
  type Candidate,
  change,
  type Document,
  goodCandidate,
  judgedAt,
  judgementOf,
} from "../core/gates/candidate.ts";

/** Everything that the thresholds can ask for beside what is shipped. */
const thresholds: GateThresholds = {
  modelType: "assistant",
  artifacts: ["model"],
  evidence: [
    "model-quality",
    "bias",
    "unit-tests",
    "data-validation",
    "toxicity",
    "shadow-run",
    "iac-plan",
    "model-card",
  ],
  quality: { auc: { min: 0.7, interval: { min: 0.68 } } },
  fairness: { sex: { DI: { min: 0.8 } } },
  security: {},
  measures: {
    "unit-tests": { failed: { max: 0 }, tests: { min: 1 } },
    "data-validation": { failed: { max: 0 } },
    toxicity: { toxicity_ratio: { max: 0.01, interval: { max: 0.02 } } },
    "shadow-run": { agreement: { min: 0.95 }, psi: { max: 0.2 }, latency_p95_ms: { max: 200 } },
  },
  infrastructure: {
    deletions: 0,
    replacements: 0,
    instances: 4,
    instanceTypes: ["ml.m5.large"],
    keepStateful: true,
    noWildcards: true,
  },
  modelCard: { sections: ["purpose", "limits"], risks: ["low", "medium"] },
  capacity: {
    sizeFactor: 2,
    reserveGib: 1,
    declared: true,
    machine: { memoryGib: 8, accelerators: 0, acceleratorMemoryGib: 0 },
  },
  champion: {
    quality: { auc: { dropAtMost: 0.02 } },
    fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.05 } } },
    releases: 2,
  },
};

const release = (auc: number, di: number, version = "1.0.0"): EarlierRelease => ({
  version,
  freezeDigest: "c".repeat(64) as Sha256,
  deployedAt: "2026-10-01T00:00:00.000Z" as Instant,
  metrics: [{ name: "auc", value: auc, where: "q#/metrics/auc" }],
  facets: [{ facet: "sex", group: "female", metric: "DI", value: di, where: "b#/facets/sex/metrics/DI" }],
});

const contents = {
  "model-quality": { metrics: { auc: 0.78 }, intervals95: { auc: { lower: 0.7, upper: 0.86 } } },
  bias: { facets: { sex: { disadvantaged: "female", metrics: { DI: 0.95 } } } },
  "unit-tests": { metrics: { tests: 40, failed: 0 } },
  "data-validation": { metrics: { expectations: 12, failed: 0 } },
  toxicity: { metrics: { toxicity_ratio: 0.004 }, intervals95: { toxicity_ratio: { lower: 0.002, upper: 0.008 } } },
  "shadow-run": { metrics: { agreement: 0.98, psi: 0.05, latency_p95_ms: 120 } },
  "iac-plan": {
    format_version: "1.2",
    resource_changes: [
      change("aws_sagemaker_endpoint_configuration", "create", {
        production_variants: [{ instance_type: "ml.m5.large", initial_instance_count: 2 }],
      }),
    ],
  },
  "model-card": {
    sections: { purpose: "Answers questions.", limits: "English only." },
    risk: "low",
    needs: { memory_gib: 3, accelerators: 0, accelerator_memory_gib: 0 },
  },
} as const satisfies Partial<Record<EvidenceKind, unknown>>;
type Kind = keyof typeof contents;

function candidate(changes: Partial<Record<Kind, unknown>> = {}): Candidate {
  const documents = Object.entries({ ...contents, ...changes }).map(([kind, content]): [string, Document] => [
    `${kind}.json`,
    { kind: kind as Kind, format: kind === "iac-plan" ? "terraform-plan" : "plain", content },
  ]);
  return {
    ...goodCandidate,
    type: "assistant",
    documents: Object.fromEntries(documents),
    releases: [release(0.79, 0.97)],
  };
}

function report(from: Candidate, asked: GateThresholds = thresholds, now = judgedAt) {
  return judge({ ...judgementOf(from), thresholds: asked, now }).report;
}

/** Rule → sentence of what did not pass. */
function open(from: Candidate, asked = thresholds, now = judgedAt): Readonly<Record<string, string>> {
  const { findings } = report(from, asked, now);
  return Object.fromEntries(
    findings.flatMap(({ rule, status, sentence }) => (status === "passed" ? [] : [[rule, `${status}: ${sentence}`]])),
  );
}

const plan = (...resource_changes: readonly unknown[]) =>
  candidate({ "iac-plan": { format_version: "1.2", resource_changes } });
const unit = (metrics: object) => candidate({ "unit-tests": { metrics } });
const card = (changes: object) => candidate({ "model-card": { ...contents["model-card"], ...changes } });

describe("the gates over tests, plans, cards and earlier releases", () => {
  it("let a good candidate pass", () => {
    expect(open(candidate())).toEqual({});
    expect(report(candidate())).toMatchObject({ outcome: "passed", evaluatedAt: judgedAt });
  });

  it.each<[string, Candidate, Readonly<Record<string, string>>]>([
    [
      "a failed unit test",
      unit({ tests: 40, failed: 1 }),
      { "unit-tests.failed": "failed: Number of failed unit tests is 1; at most 0 is required." },
    ],
    [
      "no unit test at all",
      unit({ tests: 0, failed: 0 }),
      { "unit-tests.tests": "failed: Number of unit tests is 0; at least 1 is required." },
    ],
    [
      "data that is not as expected",
      candidate({ "data-validation": { metrics: { failed: 2 } } }),
      { "data-validation.failed": "failed: Number of failed expectations of the data is 2; at most 0 is required." },
    ],
    [
      "a shadow run that drifts",
      candidate({ "shadow-run": { metrics: { agreement: 0.98, psi: 0.3, latency_p95_ms: 120 } } }),
      { "shadow-run.psi": "failed: Population stability index (PSI) is 0.3; at most 0.2 is required." },
    ],
    [
      "toxicity whose interval reaches too far",
      candidate({
        toxicity: { metrics: { toxicity_ratio: 0.01 }, intervals95: { toxicity_ratio: { lower: 0, upper: 0.03 } } },
      }),
      {
        "toxicity.toxicity_ratio.interval":
          "failed: The confidence interval of Share of toxic answers is 0 to 0.03; all of it has to be at most 0.02.",
      },
    ],
    [
      "a value without the interval that is asked for",
      candidate({ "model-quality": { metrics: { auc: 0.78 } } }),
      {
        "quality.auc.interval": "missing: No confidence interval is given for AUC; all of it has to be at least 0.68.",
      },
    ],
    [
      "a deleted table",
      plan(change("aws_dynamodb_table", "delete")),
      {
        "iac.deletions": "failed: The plan deletes 1 resource; none is allowed.",
        "iac.stateful":
          "failed: The plan deletes or replaces what holds data: aws_dynamodb_table.scoring; none may be.",
      },
    ],
    [
      "too many machines",
      plan(change("aws_autoscaling_group", "create", { max_size: 9 })),
      {
        "iac.instances": "failed: The plan asks for 9 machines; at most 4 are allowed.",
        "iac.instance-types": "failed: The plan asks for machines of an open type; only ml.m5.large may be.",
      },
    ],
    [
      "machines of which the plan leaves open how many",
      plan(
        change("aws_sagemaker_endpoint_configuration", "create", {
          production_variants: [{ instance_type: "ml.m5.large" }],
        }),
      ),
      { "iac.instances": "failed: The plan leaves open for how many machines it asks; at most 4 are allowed." },
    ],
    ...["*", "s3:*", "s3:GetObject"].map((Action): [string, Candidate, Readonly<Record<string, string>>] => [
      `a policy that allows ${Action} on everything`,
      plan(
        change("aws_iam_role_policy", "create", {
          policy: JSON.stringify({ Statement: [{ Effect: "Allow", Action, Resource: "*" }] }),
        }),
      ),
      { "iac.permissions": expect.stringContaining("aws_iam_role_policy.scoring") },
    ]),
    [
      "a role that anybody may assume",
      plan(
        change("aws_iam_role", "create", {
          assume_role_policy: JSON.stringify({
            Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { AWS: "*" } }],
          }),
        }),
      ),
      { "iac.permissions": expect.stringContaining("aws_iam_role.scoring") },
    ],
    [
      "a model card that leaves a section empty",
      card({ sections: { purpose: "Answers questions.", limits: "" } }),
      {
        "model-card.sections": "failed: The model card says nothing in limits; it has to fill purpose, limits.",
      },
    ],
    [
      "a risk that is too high",
      card({ risk: "high" }),
      { "model-card.risk": 'failed: The model card states the risk "high"; it has to be one of low, medium.' },
    ],
    [
      "a model that the machine cannot hold",
      card({ needs: { memory_gib: 12, accelerators: 1, accelerator_memory_gib: 0 } }),
      {
        "capacity.memory": "failed: Memory of the machine (GiB): the model needs 12; ml.m5.large has 8.",
        "capacity.accelerators": "failed: Accelerators of the machine: the model needs 1; ml.m5.large has 0.",
      },
    ],
    [
      "a model that is worse than the champion",
      { ...candidate(), releases: [release(0.82, 0.97)] },
      {
        "champion.quality.auc":
          "failed: AUC is 0.78; compared with version 1.0.0, which runs now, at least 0.8 is required.",
      },
    ],
    [
      "fairness that has drifted away from what it once was",
      {
        ...candidate({ bias: { facets: { sex: { disadvantaged: "female", metrics: { DI: 0.92 } } } } }),
        releases: [release(0.78, 0.94), release(0.78, 1.01, "0.9.0")],
      },
      {
        "champion.fairness.sex.DI": expect.stringMatching(
          /^failed: .*\(DI\).* is 0\.92; compared with version 1\.0\.0, which runs now, and those before it, between 0\.94 and 1\.06 is required/,
        ),
      },
    ],
    [
      "a champion that was never measured",
      { ...candidate(), releases: [{ ...release(0.78, 0.95), metrics: [], facets: [] }] },
      {
        "champion.quality.auc":
          "missing: AUC cannot be compared: the candidate or version 1.0.0 in production does not give it.",
        "champion.fairness.sex.DI": expect.stringContaining("does not give it for this group"),
      },
    ],
    [
      "a comparison that nobody prepared",
      { ...candidate(), releases: undefined },
      {
        "champion.quality.auc": "missing: AUC cannot be compared: nobody looked what was released before.",
        "champion.fairness.sex.DI": expect.stringMatching(/^missing: .* nobody looked/),
      },
    ],
  ])("block %s", (_name, from, expected) => {
    expect(open(from)).toEqual(expected);
    expect(report(from).outcome).toBe("blocked");
  });

  it("compare the first release with nothing", () => {
    const first = report({ ...candidate(), releases: [] });
    expect(first.outcome).toBe("passed");
    expect(first.findings.find(({ rule }) => rule === "champion.quality.auc")?.sentence).toBe(
      "AUC is compared with nothing: this is the first release.",
    );
    expect(first.earlierReleases).toMatch(/^[0-9a-f]{64}$/);
  });

  it("block where the machine is not in the table", () => {
    const { capacity } = thresholds;
    if (capacity === undefined) expect.unreachable();
    const { machine: _, ...unknown } = capacity;
    expect(open(candidate(), { ...thresholds, capacity: unknown })["capacity.memory"]).toMatch(
      /^missing: .*ml\.m5\.large has is not in policies\/instance-types\.yaml/,
    );
  });

  it("reckon with the size of the model where the card does not say more", () => {
    const judgement = judgementOf(candidate());
    const artifacts = judgement.manifest.artifacts.map((each) => ({ ...each, size: 5 * 1024 ** 3 }));
    const found = judge({ ...judgement, thresholds, manifest: { ...judgement.manifest, artifacts } }).report;
    expect(found.findings.find(({ rule }) => rule === "capacity.memory")).toMatchObject({
      status: "failed",
      observed: 11,
      where: "freeze.json#/artifacts",
    });
  });
});

describe("whatever is missing blocks", () => {
  const paths = (value: unknown, at: readonly string[] = []): readonly (readonly string[])[] =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.entries(value).flatMap(([name, member]) => [[...at, name], ...paths(member, [...at, name])])
      : [];
  const without = (value: unknown, [first, ...rest]: readonly string[]): unknown => {
    const members = Object.entries(value as object);
    return Object.fromEntries(
      members.flatMap(([name, member]) =>
        name !== first ? [[name, member]] : rest.length === 0 ? [] : [[name, without(member, rest)]],
      ),
    );
  };
  /** Said beyond what any rule needs. */
  const extra = new Set(["data-validation/metrics/expectations"]);
  const cases = Object.entries(contents).flatMap(([kind, content]) =>
    paths(content)
      .map((path): [string, string, readonly string[]] => [`${kind}/${path.join("/")}`, kind, path])
      .filter(([name]) => !extra.has(name)),
  );

  it.each(cases)("%s", (_name, kind, path) => {
    const from = candidate({ [kind]: without(contents[kind as Kind], path) });
    expect(report(from).outcome).toBe("blocked");
    expect(Object.keys(open(from))).not.toEqual([]);
  });

  it.each(Object.keys(contents))("the whole %s", (kind) => {
    const from = candidate();
    const documents = Object.fromEntries(Object.entries(from.documents).filter(([name]) => name !== `${kind}.json`));
    expect(Object.keys(open({ ...from, documents }))).toContain(`evidence.${kind}`);
  });
});

describe("a rule on trial", () => {
  const failing = unit({ tests: 40, failed: 1 });
  const until = "2026-12-01T00:00:00.000Z" as Instant;
  const onTrial = (rule: string): GateThresholds => ({ ...thresholds, dryRun: [{ rule, until }] });

  it.each(["unit-tests", "unit-tests.failed"])("named '%s' reports and does not block", (rule) => {
    const { outcome, findings } = report(failing, onTrial(rule));
    expect(outcome).toBe("passed");
    const finding = findings[0];
    expect(finding).toMatchObject({ rule: "unit-tests.failed", status: "failed", dryRunUntil: until });
    expect(finding?.sentence).toBe(
      "Number of failed unit tests is 1; at most 0 is required. This rule is on trial: it does not block before 2026-12-01.",
    );
    expect(findings.some(blocks)).toBe(false);
  });

  it("blocks at the instant at which its trial is over, and not a moment before", () => {
    expect(report(failing, onTrial("unit-tests"), "2026-11-30T23:59:59.999Z" as Instant).outcome).toBe("passed");
    const over = report(failing, onTrial("unit-tests"), until);
    expect(over.outcome).toBe("blocked");
    expect(over.findings[0]?.dryRunUntil).toBeUndefined();
  });

  it("leaves the others as they are, also those whose names begin alike", () => {
    expect(report(failing, onTrial("unit")).outcome).toBe("blocked");
    expect(report(failing, onTrial("iac")).outcome).toBe("blocked");
  });

  it("counts by the latest of several ends", () => {
    const early = { rule: "unit-tests.failed", until: "2026-11-01T00:00:00.000Z" as Instant };
    const both = { ...thresholds, dryRun: [early, { rule: "unit-tests", until }] };
    expect(report(failing, both).findings[0]?.dryRunUntil).toBe(until);
  });

  it("is refused where only the policy says so", () => {
    const judgement = judgementOf(failing);
    const lying: typeof judgement.evaluate = (facts, data) => {
      const evaluation = judgement.evaluate(facts, data);
      const findings = evaluation.kind === "evaluated" ? (evaluation.result as readonly object[]) : [];
      return { kind: "evaluated", result: findings.map((finding) => ({ ...finding, dryRun: until })) };
    };
    expect(judge({ ...judgement, thresholds, evaluate: lying }).report).toMatchObject({
      outcome: "blocked",
      findings: [{ rule: "policy.result", sentence: expect.stringContaining("do not ask for") }],
    });
  });

  it("changes the digest of the policy's data", () => {
    expect(report(failing).policy.data).not.toBe(report(failing, onTrial("iac")).policy.data);
  });
});
