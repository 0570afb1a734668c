import { beforeAll, describe, expect, it } from "vitest";
import { evidenceSummary } from "../../core/gates/evidence-summary.ts";
import { judge } from "../../core/gates/judge.ts";
import type { EvidenceKind } from "../../core/promotion/freeze-manifest.ts";
import { buildCandidate } from "../../examples/credit-scoring/candidate.ts";
import { type VariantName, variantNames } from "../../examples/credit-scoring/variants.ts";
import {
  type Candidate,
  type Document,
  goodCandidate,
  judgementOf,
  manifestOf,
  reportOf,
} from "../core/gates/candidate.ts";

type Declared = readonly (readonly [kind: EvidenceKind, format: string, name: string])[];

const plain: Declared = [
  ["model-quality", "plain", "model-quality.json"],
  ["bias", "plain", "bias.json"],
  ["explainability", "plain", "explainability.json"],
  ["data-schema", "plain", "data-schema.json"],
  ["security-scan", "plain", "security-scan.json"],
  ["unit-tests", "junit", "unit-tests.xml"],
  ["iac-plan", "terraform-plan", "iac-plan.json"],
];
const sagemaker: Declared = [
  ["model-quality", "sagemaker-model-quality", "model-quality.sagemaker.json"],
  ["bias", "clarify-analysis", "bias.sagemaker.json"],
  ["explainability", "clarify-analysis", "explainability.sagemaker.json"],
  ["data-schema", "plain", "data-schema.json"],
  ["security-scan", "sarif", "security-scan.sarif.json"],
  ["unit-tests", "junit", "unit-tests.xml"],
  ["iac-plan", "terraform-plan", "iac-plan.json"],
];

const built = new Map<VariantName, ReadonlyMap<string, string>>();
beforeAll(() => {
  for (const name of variantNames) built.set(name, buildCandidate(name));
});

function candidateOf(variant: VariantName, declared: Declared): Candidate {
  const documents = declared.map(([kind, format, name]): readonly [string, Document] => [
    name,
    { kind, format, content: built.get(variant)?.get(`evidence/${name}`) ?? "" },
  ]);
  return { ...goodCandidate, documents: Object.fromEntries(documents) };
}

describe.each([
  ["plain JSON", plain],
  ["SageMaker's formats", sagemaker],
] as const)("the credit-scoring example, with evidence in %s", (_name, declared) => {
  it.each(["champion", "candidate"] as const)("lets the %s pass, with room to every bound", (variant) => {
    const candidate = candidateOf(variant, declared);
    const judged = judge(judgementOf(candidate));
    expect(judged.report.findings.filter(({ status }) => status !== "passed")).toEqual([]);
    expect(judged.facts.gaps).toEqual([]);
    const { quality, fairness } = evidenceSummary({ manifest: manifestOf(candidate), ...judged });
    const margins = [...quality, ...fairness].flatMap(({ margin }) => (margin === undefined ? [] : [margin]));
    expect(margins).toHaveLength(8);
    expect(Math.min(...margins)).toBeGreaterThan(0.02);
  });

  it("blocks the weak one for its quality alone, naming metric, value and bound", () => {
    const { outcome, findings } = reportOf(candidateOf("weak", declared));
    expect(outcome).toBe("blocked");
    expect(findings.filter(({ status }) => status !== "passed").map(({ sentence }) => sentence)).toEqual([
      "Accuracy is 0.715; at least 0.72 is required.",
      "AUC is 0.513; at least 0.72 is required.",
    ]);
  });
});
