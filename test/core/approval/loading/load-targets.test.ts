import { readFileSync } from "node:fs";
import { ProductionVariantInstanceType } from "@aws-sdk/client-sagemaker";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";

const base = `targets:
  production:
    kind: sagemaker-endpoint
    endpoint: "{model}"
    instanceType: ml.m5.large
    instanceCount: 2
`;
const canary = "    traffic: { canary: { percent: 10, wait: 5m } }\n";
const own = "    alarms: { errorPercent: 2.5, p95Milliseconds: 400 }\n";

const policies = new URL("../../../../policies/", import.meta.url);
const schema = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("schema/targets.schema.json", policies), "utf8")),
);

function target(text: string) {
  expect(schema(parse(text))).toBe(true);
  const rule = requireLoaded("targets.yaml", loadTargets(text))["production"] ?? expect.unreachable();
  return resolveTarget("production", rule, { name: "scoring", type: "scoring", version: "1" });
}

function complaints(text: string): readonly string[] {
  const loaded = loadTargets(text);
  return loaded.kind === "loaded" ? [] : loaded.problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}

describe("the targets", () => {
  it("move all traffic at once where nothing else is said, as those shipped before", () => {
    expect(target(base)).toEqual({
      name: "production",
      kind: "sagemaker-endpoint",
      endpoint: "scoring",
      instanceType: "ml.m5.large",
      instanceCount: 2,
    });
  });

  it.each([
    [canary, { kind: "canary", percent: 10, waitSeconds: 300 }],
    ["    traffic: { linear: { percent: 25, wait: 90s } }\n", { kind: "linear", percent: 25, waitSeconds: 90 }],
    ["    traffic: { all-at-once: { wait: 1h } }\n", { kind: "all-at-once", waitSeconds: 3600 }],
  ])("shift it as they say: %s", (traffic, expected) => {
    expect(target(base + traffic + own)).toMatchObject({
      traffic: expected,
      alarms: { kind: "own", errorPercent: 2.5, p95Milliseconds: 400 },
    });
  });

  it("take 'all-at-once' for itself", () => {
    expect(target(`${base}    traffic: all-at-once\n`).traffic).toEqual({ kind: "all-at-once", waitSeconds: 0 });
  });

  // https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html
  it("take every type of instance that SageMaker has", () => {
    const types = Object.values(ProductionVariantInstanceType);
    expect(types.length).toBeGreaterThan(200);
    for (const type of types) expect(complaints(base.replace("ml.m5.large", type)), type).toEqual([]);
  });

  it("name alarms of the organisation", () => {
    expect(target(`${base}${canary}    alarms: [scoring-5xx, scoring-slow]\n`).alarms).toEqual({
      kind: "named",
      names: ["scoring-5xx", "scoring-slow"],
    });
  });

  it.each(["sagemaker-endpoint", "kubernetes", "pipeline"])(
    "of the kind %s may ask for the signed plan to be applied, and for nothing else of it",
    (kind) => {
      const of = (value: string) => complaints(`targets:\n  one:\n    kind: ${kind}\n    infrastructure: ${value}\n`);
      const refusal = "4: This must be 'applied': nothing is deployed before the signed plan is applied.";
      expect(of("applied")).not.toContain(refusal);
      expect(of("planned")).toContain(refusal);
      expect(target(`${base}    infrastructure: applied\n`).infrastructure).toBe("applied");
    },
  );

  it("isolate the container from the network unless they say otherwise", () => {
    expect(target(`${base}    network: open\n`)).toMatchObject({ network: "open" });
    for (const text of [base, `${base}    network: isolated\n`]) expect(target(text)).not.toHaveProperty("network");
    expect(complaints(`${base}    network: vpc\n`)).toEqual([
      "7: This must be isolated, which is the default, or open.",
    ]);
  });

  it("name a group of the Model Registry, of which the candidate is a version", () => {
    const groupArn = "arn:aws:sagemaker:us-east-1:111122223333:model-package-group";
    expect(target(`${base}    registry: "${groupArn}/{model}"\n`)).toMatchObject({
      registry: "arn:aws:sagemaker:us-east-1:111122223333:model-package/scoring/1",
    });
    expect(complaints(`${base}    registry: scoring\n`)).toEqual([
      "7: This must be the ARN of a model package group, and may hold {model}.",
    ]);
  });

  it("are no inference components, which are of a kind of their own", () => {
    expect(complaints(`${base}    host: models\n`)).toEqual([
      expect.stringMatching(/^7: 'host' is not a field here; known are 'kind', 'endpoint', 'instanceType'/),
    ]);
  });

  it("may be in another account, which is entered by a role and an external id", () => {
    const account = {
      role: "arn:aws:iam::222233334444:role/countersign-deploys",
      externalId: "of-the-bank-7",
      servingRole: "arn:aws:iam::222233334444:role/serving",
    };
    expect(target(`${base}    account: ${JSON.stringify(account)}\n`)).toMatchObject({ account });
    expect(
      complaints(`${base}    account: ${JSON.stringify({ ...account, role: "deploys", externalId: "a b" })}\n`),
    ).toEqual([
      "7: This must be an external id: two characters or more, without blanks.",
      "7: This must be the ARN of a role.",
    ]);
  });

  it("are what the shipped file says, and its schema takes it", () => {
    const text = readFileSync(new URL("targets.yaml", policies), "utf8");
    expect(complaints(text)).toEqual([]);
    expect(schema(parse(text))).toBe(true);
  });

  it("are as docs/deployment.md shows them", () => {
    const page = readFileSync(new URL("../docs/deployment.md", policies), "utf8");
    const [, text = ""] = /```yaml targets\n([\s\S]*?)```/.exec(page) ?? expect.unreachable();
    expect(complaints(text)).toEqual([]);
    expect(schema(parse(text))).toBe(true);
  });

  it.each<[string, string, string]>([
    ["a canary of more than half", canary.replace("10", "51") + own, "7: This must be a whole number from 1 to 50."],
    [
      "a linear step below a tenth",
      `    traffic: { linear: { percent: 5, wait: 1m } }\n${own}`,
      "7: A linear step is 10 to 50 percent.",
    ],
    ["a wait of over an hour", canary.replace("5m", "61m") + own, "7: The duration must be between 1s and 1h."],
    ["a wait of no time", canary.replace("5m", "0s") + own, "7: The duration must be between 1s and 1h."],
    [
      "waits that SageMaker would not sit out",
      `    traffic: { linear: { percent: 10, wait: 1h } }\n${own}`,
      "7: The waits come to 10h together; SageMaker's time allows 450m.",
    ],
    [
      "a canary that nothing would take back",
      canary,
      "7: Nothing would ever take this release back: name 'alarms', or bounds for alarms of its own.",
    ],
    ["alarms without time to speak up", own, "7: Alarms need time to speak up: give 'traffic' with a wait."],
    [
      "another way of shifting",
      `    traffic: { rolling: { percent: 5, wait: 1m } }\n${own}`,
      "7: 'rolling' is not a way in which traffic comes over; known are canary, linear and all-at-once.",
    ],
    [
      "two ways at once",
      `    traffic: { canary: { percent: 5, wait: 1m }, linear: { percent: 10, wait: 1m } }\n${own}`,
      "7: This must be one of canary: { percent, wait }, linear: { percent, wait } and all-at-once.",
    ],
    [
      "alarms that say nothing",
      `${canary}    alarms: {}\n`,
      "8: This must be a list of alarms' names, or have one at least of errorPercent and p95Milliseconds.",
    ],
    ["an alarm twice", `${canary}    alarms: [slow, slow]\n`, "8: 'slow' stands here twice."],
    [
      "eleven alarms",
      `${canary}    alarms: [${Array.from({ length: 11 }, (_, n) => `a${n}`).join(", ")}]\n`,
      "8: SageMaker heeds 10 alarms at most.",
    ],
    [
      "errors above everything",
      canary + own.replace("2.5", "101"),
      "8: This must be a percentage above 0 and up to 100, without a sign.",
    ],
  ])("refuse %s, with the line", (_, more, complaint) => {
    expect(complaints(base + more)).toContain(complaint);
  });

  it.each<[string, string, string]>([
    [
      "a canary on one instance",
      base.replace("instanceCount: 2", "instanceCount: 1"),
      "7: A part of the traffic needs a part of the instances: instanceCount must be 2 or more.",
    ],
    [
      "a canary on Inf1, where SageMaker shifts all at once without a word",
      base.replace("ml.m5.large", "ml.inf1.xlarge"),
      "7: On Inf1 instances SageMaker shifts all traffic at once, whatever is said here.",
    ],
  ])("refuse %s", (_, machine, complaint) => {
    expect(complaints(machine + canary + own)).toContain(complaint);
  });
});
