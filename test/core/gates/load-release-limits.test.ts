import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { describeProblems } from "../../../core/encoding/policy-file.ts";
import { readStrictYaml } from "../../../core/encoding/strict-yaml.ts";
import { loadInstanceTypes, machineOf, withMachine } from "../../../core/gates/load-instance-types.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import { evidenceReaders } from "../../../core/gates/readers/registry.ts";

const file = (name: string) => readFileSync(new URL(`../../../policies/${name}`, import.meta.url), "utf8");
const conforms = new Ajv2020().compile(JSON.parse(file("schema/thresholds.schema.json")));
const plain = (text: string) => {
  const read = readStrictYaml(text);
  return read.kind === "read" ? read.value : null;
};

const base = `thresholdsVersion: 1
rules:
  - modelType: assistant
    artifacts: [model]
    evidence: [model-quality, bias, unit-tests, toxicity, shadow-run, iac-plan, model-card]
    quality:
      auc: { min: 0.7, interval: { min: 0.68 } }
    measures:
      unit-tests: { failed: { max: 0 } }
      toxicity: { toxicity_ratio: { max: 0.01 } }
      shadow-run: { psi: { max: 0.2 } }
    infrastructure: { deletions: 0, instances: 4, keepStateful: true, noWildcards: true, instanceTypes: [ml.m5.large] }
    modelCard: { sections: [purpose], risks: [low] }
    capacity: { sizeFactor: 2, reserveGib: 1, declared: true }
    champion:
      quality: { auc: { dropAtMost: 0.02 }, brier_score: { riseAtMost: 0.01 } }
      fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.1 } } }
      releases: 3
    dryRun:
      - { rule: iac, until: 2027-01-31 }
      - { rule: quality.auc.interval, until: "2027-01-31T12:00:00.000Z" }
`;

function refusal(text: string): string {
  const loaded = loadThresholds(text);
  return loaded.kind === "refused" ? describeProblems("thresholds.yaml", loaded.problems) : "loaded";
}

describe("loadThresholds, beyond numbers of the model", () => {
  it("reads every field", () => {
    const loaded = loadThresholds(base);
    expect(loaded).toMatchObject({
      kind: "loaded",
      value: {
        rules: [
          {
            quality: { auc: { min: 0.7, interval: { min: 0.68 } } },
            measures: { "unit-tests": { failed: { max: 0 } }, "shadow-run": { psi: { max: 0.2 } } },
            infrastructure: { deletions: 0, instances: 4, keepStateful: true, instanceTypes: ["ml.m5.large"] },
            modelCard: { sections: ["purpose"], risks: ["low"] },
            capacity: { sizeFactor: 2, reserveGib: 1, declared: true },
            champion: {
              quality: { auc: { dropAtMost: 0.02 }, brier_score: { riseAtMost: 0.01 } },
              fairness: { sex: { DI: { ideal: 1, awayAtMost: 0.1 } } },
              releases: 3,
            },
            dryRun: [
              { rule: "iac", until: "2027-01-31T00:00:00.000Z" },
              { rule: "quality.auc.interval", until: "2027-01-31T12:00:00.000Z" },
            ],
          },
        ],
      },
    });
    expect(conforms(plain(base))).toBe(true);
  });

  it("loads the example of docs/gates.md, which names every format that is read", () => {
    const docs = readFileSync(new URL("../../../docs/gates.md", import.meta.url), "utf8");
    const example = /^```yaml\n([\s\S]*?)^```$/m.exec(docs)?.[1] ?? "";
    expect(refusal(example)).toBe("loaded");
    expect(conforms(plain(example))).toBe(true);
    const rows = docs.split("\n").filter((line) => line.startsWith("| `"));
    const unnamed = evidenceReaders.filter(
      ({ kind, format }) => !rows.some((row) => row.startsWith(`| \`${kind}\``) && row.includes(`\`${format}\``)),
    );
    expect(unnamed.map(({ kind, format }) => `${kind}/${format}`)).toEqual([]);
  });

  it.each<[string, string, string, RegExp]>([
    ["an interval without ends", "interval: { min: 0.68 }", "interval: {}", /:7: .*'min', 'max' or both/],
    ["a value without ends beside an interval", "min: 0.7, interval", "interval", /:7: .*'min', 'max' or both/],
    ["a kind that has no measures", "toxicity: {", "horoscope: {", /:10: .*This must be one of 'unit-tests'/],
    [
      "a measure that the kind does not have",
      "{ failed:",
      "{ failled:",
      /:9: .*'failled' is not a measure of unit-tests/,
    ],
    ["a measure in capitals", "toxicity_ratio", "Toxicity", /:10: .*called 'toxicity' here/],
    ["half a machine", "instances: 4", "instances: 4.5", /:12: .*0 or more/],
    ["a rule that is asked for by false", "keepStateful: true", "keepStateful: false", /:12: .*leave the field out/],
    ["no section", "sections: [purpose]", "sections: []", /:13: .*empty/],
    ["a model smaller than its file", "sizeFactor: 2", "sizeFactor: 0.5", /:14: .*1 or more/],
    ["a capacity that does not say whether it is declared", ", declared: true", "", /:14: .*'declared' is missing/],
    ["a text for yes", "declared: true", 'declared: "yes"', /:14: .*true or false/],
    [
      "a comparison both ways",
      "{ dropAtMost: 0.02 }",
      "{ dropAtMost: 0.02, riseAtMost: 1 }",
      /:16: .*'dropAtMost', where/,
    ],
    ["a comparison in no direction", "{ dropAtMost: 0.02 }", "{}", /:16: .*'dropAtMost', where/],
    ["a drop below nothing", "dropAtMost: 0.02", "dropAtMost: -1", /:16: .*0 or more/],
    ["no ideal", "ideal: 1, ", "", /:17: .*'ideal' is missing/],
    ["no release to compare with", "releases: 3", "releases: 0", /:18: .*1 to 20/],
    ["a trial without an end", ", until: 2027-01-31 }", " }", /:20: .*'until' is missing/],
    ["a trial until some day", "until: 2027-01-31 }", "until: soon }", /:20: .*This must be a day/],
  ])("refuses %s with its line, and so does the schema", (_name, from, to, message) => {
    const text = base.replace(from, to);
    expect(refusal(text)).toMatch(message);
    expect(conforms(plain(text))).toBe(false);
  });

  it.each<[string, string, string, RegExp]>([
    [
      "measures whose evidence is not asked for",
      "unit-tests, toxicity",
      "toxicity",
      /:9: .*'unit-tests', which the list/,
    ],
    ["a plan that is not asked for", "iac-plan, model-card", "model-card", /:12: .*'iac-plan', which the list/],
    ["needs that no card has to declare", "iac-plan, model-card", "iac-plan", /:14: .*'model-card', which the list/],
    ["a trial of the digests", "rule: iac", "rule: digest", /:20: .*'digest' always blocks/],
    ["a trial of one file's digest", "rule: iac", "rule: digest.model.json", /:20: .*always blocks/],
    ["a trial of a rule that is not there", "rule: iac", "rule: fairness.sex", /:20: .*No rule here is called/],
    ["a trial of half a name", "rule: iac", "rule: ia", /:20: .*No rule here is called 'ia'/],
    ["a day that there is not", "until: 2027-01-31 }", "until: 2027-02-30 }", /:20: .*This must be a day/],
  ])("refuses %s with its line", (_name, from, to, message) => {
    expect(refusal(base.replace(from, to))).toMatch(message);
  });
});

describe("loadInstanceTypes", () => {
  it("loads what is shipped, which knows the machine of every target", () => {
    const loaded = loadInstanceTypes(file("instance-types.yaml"));
    const types = loaded.kind === "loaded" ? loaded.value : expect.unreachable();
    expect(types.get("ml.m5.large")).toEqual({ memoryGib: 8, accelerators: 0, acceleratorMemoryGib: 0 });
    expect(types.get("ml.g5.12xlarge")).toEqual({ memoryGib: 192, accelerators: 4, acceleratorMemoryGib: 88 });
    for (const [, type] of file("targets.yaml").matchAll(/instanceType: (\S+)/g))
      expect(types.has(type ?? "")).toBe(true);
  });

  it.each<[string, string, RegExp]>([
    ["no memory", "a: {}", /:4: types\.a: The field 'memoryGib' is missing/],
    ["accelerators without memory", "a: { memoryGib: 1, accelerators: 1 }", /:4: .*stand together/],
    ["memory of a text", 'a: { memoryGib: "8" }', /:4: .*This must be a number/],
  ])("refuses %s with its line", (_name, entry, message) => {
    const loaded = loadInstanceTypes(`instanceTypesVersion: 1\nsource: here\ntypes:\n  ${entry}\n`);
    expect(loaded.kind === "refused" ? describeProblems("f", loaded.problems) : "loaded").toMatch(message);
  });

  it("leaves thresholds without capacity, and unknown machines, as they are", () => {
    const loaded = loadThresholds(base);
    const [thresholds] = loaded.kind === "loaded" ? loaded.value.rules : [];
    const machine = { memoryGib: 8, accelerators: 0, acceleratorMemoryGib: 0 };
    expect(withMachine(thresholds, undefined)).toBe(thresholds);
    expect(withMachine(thresholds, machine)?.capacity?.machine?.memoryGib).toBe(8);
    expect(withMachine(undefined, machine)).toBeUndefined();
  });

  it("knows machines by the table, and a serverless one by the memory that it says", () => {
    const machine = { memoryGib: 8, accelerators: 0, acceleratorMemoryGib: 0 };
    const types = new Map([["ml.a", machine]]);
    const on = (of: object) => machineOf({ kind: "sagemaker-endpoint", ...of }, types);
    expect([on({ instanceType: "ml.a" }), on({ instanceType: "ml.b" }), on({})]).toEqual([
      machine,
      undefined,
      undefined,
    ]);
    expect(on({ serverless: { memoryMegabytes: 3072, maxConcurrency: 5 } })).toEqual({ ...machine, memoryGib: 3 });
    expect(machineOf({ kind: "kubernetes", instanceType: "ml.a" }, types)).toBeUndefined();
    expect(machineOf(undefined, types)).toBeUndefined();
  });
});
