import { describe, expect, it } from "vitest";
import { judge } from "../../core/gates/judge.ts";
import { type Candidate, change, judgedAt, judgementOf } from "../core/gates/candidate.ts";
import { candidate, card, open, plan, release, report, thresholds, unit } from "./release-evidence.ts";

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
