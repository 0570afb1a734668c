import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { parse } from "yaml";
import { loadTargets } from "../../../../core/approval/loading/load-targets.ts";
import { requireLoaded } from "../../../../core/encoding/policy-file.ts";

const schema = new Ajv2020({ allErrors: true }).compile(
  JSON.parse(readFileSync(new URL("../../../../policies/schema/targets.schema.json", import.meta.url), "utf8")),
);
const lines = {
  serverless: "serverless: { memoryMegabytes: 2048, maxConcurrency: 20 }",
  traffic: "traffic: all-at-once",
  network: "network: open",
};

/** A serverless target, with some of its lines otherwise, or left out. */
function text(over: Readonly<Record<string, string | undefined>> = {}): string {
  const own = Object.values({ ...lines, ...over }).flatMap((line) => (line === undefined ? [] : [`    ${line}\n`]));
  return `targets:\n  quiet:\n    kind: sagemaker-endpoint\n    endpoint: "{model}"\n${own.join("")}`;
}

function complaints(over: Readonly<Record<string, string | undefined>>): readonly string[] {
  expect(schema(parse(text(over)))).toBe(false);
  const loaded = loadTargets(text(over));
  return loaded.kind === "loaded" ? [] : loaded.problems.map(({ line, sentence }) => `${line}: ${sentence}`);
}

describe("a serverless target", () => {
  const target = (over = {}) => {
    expect(schema(parse(text(over)))).toBe(true);
    return requireLoaded("targets.yaml", loadTargets(text(over)))["quiet"];
  };

  it("says by name what SageMaker does otherwise than on instances", () => {
    expect(target()).toEqual({
      kind: "sagemaker-endpoint",
      endpoint: "{model}",
      serverless: { memoryMegabytes: 2048, maxConcurrency: 20 },
      traffic: { kind: "all-at-once", waitSeconds: 0 },
      network: "open",
    });
  });

  it("may have alarms, which are watched for a time", () => {
    const watched = { alarms: "alarms: { errorPercent: 2 }", watch: "watch: 1h" };
    expect(target(watched)).toMatchObject({ alarms: { kind: "own", errorPercent: 2 }, watchSeconds: 3600 });
  });

  const byName =
    "SageMaker moves all traffic of a serverless endpoint at once, and keeps nothing to go back to: say it by name, 'traffic: all-at-once'.";
  const together =
    "Countersign itself watches the alarms of a serverless endpoint, for as long as 'watch' says: the two stand together.";
  const noInstances = "A serverless endpoint has no instances that could be named here.";
  it.each<[string, Readonly<Record<string, string | undefined>>, string]>([
    ["does not say how its traffic comes", { traffic: undefined }, `5: ${byName}`],
    ["would shift it", { traffic: "traffic: { canary: { percent: 10, wait: 5m } }" }, `6: ${byName}`],
    ["would keep old instances", { traffic: "traffic: { all-at-once: { wait: 5m } }" }, `6: ${byName}`],
    [
      "does not say that its container reaches the network",
      { network: undefined },
      "5: SageMaker isolates no serverless container from the network: say it by name, 'network: open'.",
    ],
    [
      "would be isolated",
      { network: "network: isolated" },
      "7: SageMaker isolates no serverless container from the network: say it by name, 'network: open'.",
    ],
    ["has alarms that nobody watches", { alarms: "alarms: [slow]" }, `8: ${together}`],
    ["watches nothing", { watch: "watch: 1h" }, `8: ${together}`],
    ["names instances", { type: "instanceType: ml.m5.large" }, `8: ${noInstances}`],
    ["counts instances", { count: "instanceCount: 2" }, `8: ${noInstances}`],
    [
      "has another size than SageMaker has",
      { serverless: "serverless: { memoryMegabytes: 1500, maxConcurrency: 20 }" },
      "5: This must be one of 1024, 2048, 3072, 4096, 5120, 6144: SageMaker has no other sizes.",
    ],
    [
      "answers more at once than SageMaker lets it",
      { serverless: "serverless: { memoryMegabytes: 1024, maxConcurrency: 201 }" },
      "5: This must be a whole number from 1 to 200.",
    ],
  ])("that %s is refused with the line", (_, over, sentence) => {
    expect(complaints(over)).toEqual([sentence]);
  });

  it("alone is watched by Countersign", () => {
    const instances = { serverless: "instanceType: ml.m5.large", count: "instanceCount: 2", watch: "watch: 1h" };
    expect(complaints(instances)).toEqual([
      "9: SageMaker itself watches what is released on instances; give 'traffic' with a wait.",
    ]);
  });
});
