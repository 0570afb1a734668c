import type { Target } from "../promotion/target.ts";

/** What is changed in a target, for people: `the endpoint 'credit-scoring'`. */
export function placeOf(target: Target): string {
  switch (target.kind) {
    case "sagemaker-endpoint":
      return `the endpoint '${target.endpoint}'`;
    case "sagemaker-inference-component":
      return `the inference component '${target.endpoint}' of the endpoint '${target.host}'`;
    case "kubernetes":
      return `the ${workloadNames[target.workload]} '${target.namespace}/${target.endpoint}'`;
    case "policy":
      return "the policies in force";
    case "pipeline":
      return `'${target.endpoint}', by the pipeline itself,`;
    case "webhook":
      return `'${target.endpoint}', by whoever takes its messages,`;
    default:
      return target satisfies never;
  }
}

/** As the cluster calls them. */
export const workloadNames = {
  deployment: "Deployment",
  "inference-service": "InferenceService",
  rollout: "Rollout",
} as const;
