import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets, resolveTarget } from "../../../../core/approval/loading/load-targets.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";

const schema = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("../../../../policies/schema/targets.schema.json", import.meta.url), "utf8")),
);
const topic = "arn:aws:sns:us-east-1:111122223333:answers";
const key = "arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab";
const base = {
  type: "instanceType: ml.m5.large",
  count: "instanceCount: 2",
  asynchronous: "asynchronous: { output: s3://answers/scores }",
};

/** An asynchronous target, with some of its lines otherwise, or left out. */
function text(over: Readonly<Record<string, string | undefined>> = {}): string {
  const own = Object.values({ ...base, ...over }).flatMap((line) => (line === undefined ? [] : [`    ${line}\n`]));
  return `targets:\n  nightly:\n    kind: sagemaker-endpoint\n    endpoint: "{model}"\n${own.join("")}`;
}

describe("an asynchronous target", () => {
  const target = (over = {}) => {
    expect(schema(parse(text(over)))).toBe(true);
    return requireLoaded("targets.yaml", loadTargets(text(over)))["nightly"];
  };

  it("says where its answers are left", () => {
    expect(target()).toEqual({
      kind: "sagemaker-endpoint",
      endpoint: "{model}",
      instanceType: "ml.m5.large",
      instanceCount: 2,
      asynchronous: { output: "s3://answers/scores" },
    });
  });

  it("may say all that SageMaker lets it", () => {
    const asynchronous = `asynchronous: { output: "s3://answers/{model}", failures: s3://answers/failed/, key: "${key}", topics: { success: "${topic}", error: "${topic}", withAnswer: [success] }, concurrency: 1000 }`;
    expect(target({ asynchronous })).toMatchObject({
      asynchronous: {
        output: "s3://answers/{model}",
        failures: "s3://answers/failed/",
        key,
        topics: { success: topic, error: topic, withAnswer: ["success"] },
        concurrency: 1000,
      },
    });
  });

  // deployment-guardrails.html: "Deployment guardrails only apply to Asynchronous inference and Real-time inference endpoint types."
  it("is released in parts, and watched by alarms over answers that take up to an hour", () => {
    const traffic = "traffic: { canary: { percent: 10, wait: 30m } }";
    const alarms = "alarms: { errorPercent: 2, p95Milliseconds: 3600000 }";
    expect(target({ traffic, alarms })).toMatchObject({
      traffic: { kind: "canary", percent: 10, waitSeconds: 1800 },
      alarms: { kind: "own", errorPercent: 2, p95Milliseconds: 3_600_000 },
    });
  });

  it("is resolved for its model, whose answers are left where the target says", () => {
    const asynchronous =
      'asynchronous: { output: "s3://answers/{model}/scores", failures: "s3://answers/failed/{model}" }';
    const rule = target({ asynchronous }) ?? expect.unreachable("The target is there.");
    expect(resolveTarget("nightly", rule, { name: "churn", type: "churn", version: "1.0.0" })).toMatchObject({
      endpoint: "churn",
      asynchronous: { output: "s3://answers/churn/scores", failures: "s3://answers/failed/churn" },
    });
  });

  const noPlace = "7: This must be a place in S3, s3://bucket/prefix; the prefix may hold {model}.";
  it.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ["does not say where", { asynchronous: "asynchronous: { concurrency: 4 }" }, "7: The field 'output' is missing."],
    ["leaves answers at a web address", { asynchronous: "asynchronous: { output: 'https://a.example/b' }" }, noPlace],
    [
      "leaves answers in a bucket that is called after the model",
      { asynchronous: "asynchronous: { output: 's3://{model}/b' }" },
      noPlace,
    ],
    [
      "leaves answers in a bucket with the model in its name",
      { asynchronous: "asynchronous: { output: 's3://answers-{model}/b' }" },
      noPlace,
    ],
    [
      "leaves failures nowhere",
      { asynchronous: "asynchronous: { output: s3://answers/a, failures: 's3://' }" },
      noPlace,
    ],
    [
      "encrypts by an alias, which may be moved",
      { asynchronous: "asynchronous: { output: s3://answers/a, key: 'arn:aws:kms:us-east-1:111122223333:alias/a' }" },
      "7: This must be the ARN of a KMS key, and of no alias.",
    ],
    [
      "tells what is no topic",
      { asynchronous: "asynchronous: { output: s3://answers/a, topics: { success: 'arn:aws:sqs:us-east-1:1:a' } }" },
      "7: This must be the ARN of an SNS topic.",
    ],
    [
      "tells nobody",
      { asynchronous: "asynchronous: { output: s3://answers/a, topics: {} }" },
      "7: This must name one topic at least: success or error.",
    ],
    [
      "tells the answer to a topic that is not there",
      {
        asynchronous: `asynchronous: { output: s3://answers/a, topics: { success: "${topic}", withAnswer: [error] } }`,
      },
      "7: There is no topic 'error' that could be told the answer.",
    ],
    [
      "tells the answer to what SageMaker does not know",
      {
        asynchronous: `asynchronous: { output: s3://answers/a, topics: { success: "${topic}", withAnswer: [both] } }`,
      },
      "7: This must be success or error.",
    ],
    [
      "asks for more at once than SageMaker lets it",
      { asynchronous: "asynchronous: { output: s3://answers/a, concurrency: 1001 }" },
      "7: This must be a whole number from 1 to 1000.",
    ],
    [
      "would be serverless",
      {
        type: "serverless: { memoryMegabytes: 2048, maxConcurrency: 20 }",
        count: undefined,
        more: "traffic: all-at-once",
        network: "network: open",
      },
      "6: SageMaker has no asynchronous endpoint that is serverless: name its instances.",
    ],
    [
      "would be watched beside SageMaker",
      { watch: "watch: 1h" },
      "8: SageMaker itself watches what is released on instances; give 'traffic' with a wait.",
    ],
    [
      "gives a model more than an hour",
      { traffic: "traffic: { all-at-once: { wait: 10m } }", alarms: "alarms: { p95Milliseconds: 3600001 }" },
      "9: This must be a whole number from 1 to 3600000.",
    ],
    [
      "is a part that nothing takes back",
      { traffic: "traffic: { canary: { percent: 10, wait: 5m } }" },
      "8: Nothing would ever take this release back: name 'alarms', or bounds for alarms of its own.",
    ],
  ])("that %s is refused with the line", (_, over, sentence) => {
    const loaded = loadTargets(text(over));
    const problems = loaded.kind === "loaded" ? [] : loaded.problems;
    expect(problems.map(({ line, sentence: said }) => `${line}: ${said}`)).toEqual([sentence]);
    // That a topic is there for those who get the answer, and that something takes a release back, is not in the schema.
    if (!/that could be told|take this release back/.test(sentence)) expect(schema(parse(text(over)))).toBe(false);
  });

  it("of another endpoint a model has a minute to answer", () => {
    const alarms = { traffic: "traffic: { all-at-once: { wait: 10m } }", alarms: "alarms: { p95Milliseconds: 60001 }" };
    const loaded = loadTargets(text({ ...alarms, asynchronous: undefined }));
    expect(loaded).toMatchObject({
      kind: "refused",
      problems: [{ sentence: "This must be a whole number from 1 to 60000." }],
    });
    expect(schema(parse(text({ ...alarms, asynchronous: undefined })))).toBe(false);
  });
});
