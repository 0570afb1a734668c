import { readFileSync } from "node:fs";
import { Ajv2020 } from "ajv/dist/2020.js";
import { describe, expect, it } from "vitest";
import { describeProblems } from "../../../core/encoding/policy-file.ts";
import { readStrictYaml } from "../../../core/encoding/strict-yaml.ts";
import { loadThresholds } from "../../../core/gates/load-thresholds.ts";
import { thresholdsFor } from "../../../core/gates/thresholds.ts";

const file = (name: string) => readFileSync(new URL(`../../../policies/${name}`, import.meta.url), "utf8");
const conforms = new Ajv2020().compile(JSON.parse(file("schema/thresholds.schema.json")));
const plain = (text: string) => {
  const read = readStrictYaml(text);
  return read.kind === "read" ? read.value : null;
};

const base = `thresholdsVersion: 1
rules:
  - modelType: credit
    artifacts: [model]
    evidence: [model-quality, bias, data-schema, security-scan]
    quality:
      auc: { min: 0.7 }
    fairness:
      sex: { DI: { min: 0.8, max: 1.25 } }
    data: { maximumViolations: 0, allowedPii: [postcode] }
    security: { critical: 0 }
`;

function refusal(text: string): string {
  const loaded = loadThresholds(text);
  return loaded.kind === "refused" ? describeProblems("thresholds.yaml", loaded.problems) : "loaded";
}

describe("loadThresholds", () => {
  it("loads what is shipped, which conforms to the published schema", () => {
    expect(refusal(file("thresholds.yaml"))).toBe("loaded");
    expect(conforms(plain(file("thresholds.yaml")))).toBe(true);
  });

  it("reads every field", () => {
    const loaded = loadThresholds(base);
    expect(loaded).toEqual({
      kind: "loaded",
      value: {
        thresholdsVersion: 1,
        rules: [
          {
            modelType: "credit",
            artifacts: ["model"],
            evidence: ["model-quality", "bias", "data-schema", "security-scan"],
            quality: { auc: { min: 0.7 } },
            fairness: { sex: { DI: { min: 0.8, max: 1.25 } } },
            data: { maximumViolations: 0, allowedPii: ["postcode"] },
            security: { critical: 0 },
          },
        ],
      },
    });
    expect(conforms(plain(base))).toBe(true);
  });

  it.each<[string, string, string, RegExp]>([
    [
      "an unknown field",
      "quality:",
      "qualitty:",
      /^thresholds\.yaml:6: rules\[0\]\.qualitty: 'qualitty' is not a field/m,
    ],
    ["no model type", "modelType: credit\n    ", "", /:3: rules\[0\]: The field 'modelType' is missing/],
    ["a text for a number", "min: 0.7", 'min: "0.7"', /:7: .*This must be a number; it is the text '0\.7'\./],
    ["an unknown kind of evidence", "bias, data", "horoscope, data", /:5: .*This must be one of/],
    ["a kind listed twice", "bias, data", "bias, bias, data", /:5: .*'bias' is listed twice/],
    ["a bound without ends", "{ min: 0.7 }", "{}", /:7: .*'min', 'max' or both/],
    ["an empty list of metrics", "sex: { DI: { min: 0.8, max: 1.25 } }", "sex: {}", /:9: .*Nothing is asked for here/],
    ["no artifact", "[model]", "[]", /:4: .*empty/],
    ["a negative count", "critical: 0", "critical: -1", /:11: .*0 or more/],
    ["half a violation", "maximumViolations: 0", "maximumViolations: 0.5", /:10: .*0 or more/],
    ["no count of criticals", "{ critical: 0 }", "{ high: 0 }", /:11: .*'critical' is missing/],
    ["another version", "thresholdsVersion: 1", "thresholdsVersion: 2", /:1: .*version known here is 1/],
    ["a metric in capitals", "auc:", "AUC:", /:7: .*called 'auc' here/],
    ["a model type with a blank", "modelType: credit", "modelType: credit card", /:3: /],
  ])("refuses %s with its line, and so does the schema", (_name, from, to, message) => {
    const text = base.replace(from, to);
    expect(refusal(text)).toMatch(message);
    expect(conforms(plain(text))).toBe(false);
  });

  it.each<[string, string, string, RegExp]>([
    ["a bound that nothing meets", "max: 1.25", "max: 0.5", /:9: .*No number lies between 0\.8 and 0\.5/],
    ["fairness without bias evidence", "model-quality, bias,", "model-quality,", /:8: .*'bias', which the list/],
    ["a name given twice", "    quality:", "    modelType: again\n    quality:", /:6: Map keys must be unique/],
  ])("refuses %s with its line", (_name, from, to, message) => {
    expect(refusal(base.replace(from, to))).toMatch(message);
  });

  it("refuses two rules for the same model type and target", () => {
    expect(refusal(`${base}${base.slice(base.indexOf("  - modelType"))}`)).toMatch(
      /:12: .*for 'credit' in every target as well/,
    );
  });
});

describe("thresholdsFor", () => {
  const rules = base.slice(base.indexOf("  - modelType"));
  const loaded = loadThresholds(`${base}${rules.replace("credit", "credit\n    target: test").replace("0.7", "0.5")}`);
  const thresholds = loaded.kind === "loaded" ? loaded.value : { thresholdsVersion: 1 as const, rules: [] };

  it("prefers the target's own rule to the one for every target", () => {
    expect(thresholdsFor(thresholds, "credit", "test")?.quality).toEqual({ auc: { min: 0.5 } });
    expect(thresholdsFor(thresholds, "credit", "production")?.quality).toEqual({ auc: { min: 0.7 } });
  });

  it("knows nothing of another model type", () => {
    expect(thresholdsFor(thresholds, "fraud", "production")).toBeUndefined();
  });
});
