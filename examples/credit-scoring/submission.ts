import type { PromotionRequest } from "../../core/promotion/request.ts";

/** Which documents of the example a submission names, and as what. */
export const artifacts = [
  ["model", "model.json", "application/json"],
  ["environment", "environment.json", "application/json"],
  ["training-data", "training-data.csv", "text/csv"],
  ["infrastructure", "infrastructure.json", "application/json"],
] as const;
export const evidence = [
  ["model-quality", "sagemaker-model-quality", "evidence/model-quality.sagemaker.json"],
  ["model-quality", "plain", "evidence/model-quality.json"],
  ["bias", "clarify-analysis", "evidence/bias.sagemaker.json"],
  ["explainability", "clarify-analysis", "evidence/explainability.sagemaker.json"],
  ["data-schema", "plain", "evidence/data-schema.json"],
  ["security-scan", "plain", "evidence/security-scan.json"],
  ["unit-tests", "junit", "evidence/unit-tests.xml"],
  ["iac-plan", "terraform-plan", "evidence/iac-plan.json"],
  ["iac-plan", "cloudformation-change-set", "evidence/change-set.json"],
] as const;

export type EvidenceFormat = (typeof evidence)[number][1];

export function mediaTypeOf(format: EvidenceFormat): string {
  return format === "junit" ? "application/xml" : "application/json";
}

const commit = "5f0c1e9a7b3d2468ace013579bdf02468ace1357";

/** Who had a hand in the example's candidates. */
export const lineage: PromotionRequest["lineage"] = {
  trainedBy: [{ address: "tomas.trainer@example.com" }],
  codeAuthors: [{ account: { provider: "github", id: "4007" } }],
  dataOwners: [{ address: "priya.nair@example.com" }],
  infrastructureAuthors: [{ account: { provider: "github", id: "5001" } }],
  source: { repository: "example/credit-scoring", commit },
};

/** A job of the example's pipeline, as GitHub Actions describes it in a token. */
export const pipelineJob = {
  repository: "example/credit-scoring",
  repository_id: "74001",
  repository_owner_id: "9001",
  environment: "production",
  sha: commit,
  job_workflow_ref: "example/credit-scoring/.github/workflows/promote.yml@refs/heads/main",
  actor: "priya-nair",
  actor_id: "5001",
} as const;

/** What `countersign submit --upload` takes: a request without what it measures and where it puts it. */
export function draftOf(files: ReadonlyMap<string, string>, version: string): object {
  const named = (path: string, mediaType: string) => ({ name: path.replaceAll("/", "."), path, mediaType });
  return {
    model: { name: "credit-scoring", type: "credit-scoring", version },
    target: "production",
    artifacts: artifacts.map(([role, path, mediaType]) => ({ role, ...named(path, mediaType) })),
    evidence: evidence
      .filter(([, , path]) => files.has(path))
      .map(([kind, format, path]) => ({ kind, format, ...named(path, mediaTypeOf(format)) })),
    lineage,
  };
}
