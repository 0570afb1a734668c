import { describe, expect, it } from "vitest";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Loaded } from "../../../core/encoding/policy-file.ts";
import { measuredKinds } from "../../../core/gates/facts.ts";
import { loadInstanceTypes } from "../../../core/gates/load-instance-types.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import { artifactRoles, evidenceKinds } from "../../../core/promotion/freeze-manifest.ts";
import { mistakesTable } from "../policy-mistakes.ts";

type Fields = Readonly<Record<string, Json>>;

/** Everything that thresholds may ask for, once. */
const thresholds: Fields = {
  thresholdsVersion: 1,
  rules: [
    {
      modelType: "scoring",
      target: "production",
      artifacts: ["model"],
      evidence: ["model-quality", "bias", "data-schema", "security-scan", "unit-tests", "iac-plan", "model-card"],
      quality: { auc: { min: 0.7, max: 1, interval: { min: 0.6, max: 1 } } },
      fairness: { sex: { DI: { min: 0.8, max: 1.25 } } },
      data: { maximumViolations: 0, allowedPii: ["age"] },
      security: { critical: 0, high: 5 },
      measures: { "unit-tests": { failed: { max: 0 } } },
      infrastructure: {
        deletions: 0,
        replacements: 1,
        instances: 4,
        instanceTypes: ["ml.m5.large"],
        keepStateful: true,
        noWildcards: true,
      },
      modelCard: { sections: ["purpose"], risks: ["low"] },
      capacity: { sizeFactor: 2, reserveGib: 0.5, declared: true },
      champion: {
        quality: { auc: { dropAtMost: 0.02 } },
        fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.05 } } },
        releases: 2,
      },
      dryRun: [{ rule: "unit-tests", until: "2027-01-31" }],
    },
  ],
};

const machines: Fields = {
  instanceTypesVersion: 1,
  source: "the price list",
  types: { "ml.g5.xlarge": { memoryGib: 16, accelerators: 1, acceleratorMemoryGib: 24 } },
};

const growing = {
  kinds: evidenceKinds,
  roles: artifactRoles,
  measured: measuredKinds.filter((kind) => kind !== "model-card"),
};

describe("what is said about a mistake, wherever it is", () => {
  it.each<[string, string, Fields, (text: string) => Loaded<unknown>]>([
    ["thresholds", "rules", thresholds, loadThresholds],
    ["instance-types", "types", machines, loadInstanceTypes],
  ])("in the file of %s", async (name, part, document, load) => {
    expect(load(JSON.stringify(document))).toMatchObject({ kind: "loaded" });
    await expect(mistakesTable(document, part, load, growing)).toMatchFileSnapshot(`./mistakes/${name}.txt`);
  });
});
