import { buildCandidate } from "../../../../examples/credit-scoring/candidate.ts";
import type { VariantName } from "../../../../examples/credit-scoring/variants.ts";

/** Training takes longer than all else here, and comes to the same each time. */
const trained = new Map<VariantName, ReadonlyMap<string, string>>();

/** The files of the example's candidate. */
export function candidateOf(variant: VariantName): ReadonlyMap<string, string> {
  const files = trained.get(variant) ?? buildCandidate(variant);
  trained.set(variant, files);
  return files;
}

/** Kind, format and path of each. */
export const evidence = [
  ["model-quality", "plain", "evidence/model-quality.json"],
  ["bias", "plain", "evidence/bias.json"],
  ["explainability", "plain", "evidence/explainability.json"],
  ["data-schema", "plain", "evidence/data-schema.json"],
  ["security-scan", "plain", "evidence/security-scan.json"],
  ["unit-tests", "junit", "evidence/unit-tests.xml"],
  ["iac-plan", "terraform-plan", "evidence/iac-plan.json"],
] as const;

/** Role and path of each. */
export const artifacts = [
  ["model", "model.json"],
  ["environment", "environment.json"],
  ["training-data", "training-data.json"],
  ["infrastructure", "infrastructure.json"],
] as const;
