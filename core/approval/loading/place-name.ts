import type { DeployedTarget } from "../../promotion/target.ts";

const longest = 63;

/**
 * Why nothing can be called what a target makes of a model's name, as a sentence; `undefined`: it can. By the pattern alone
 * that cannot be told when the file is loaded, and SageMaker or the cluster would say it to the step that stages.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html,
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export function whyNoSuchName({ name, kind, endpoint }: DeployedTarget): string | undefined {
  switch (kind) {
    case "sagemaker-endpoint":
    case "sagemaker-inference-component":
      return /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/.test(endpoint) ? tooLong(name, endpoint) : unfit(name, endpoint);
    case "kubernetes":
      return /^[a-z0-9](-*[a-z0-9])*$/.test(endpoint) ? tooLong(name, endpoint) : unfit(name, endpoint);
    case "pipeline":
    case "webhook":
      return undefined;
    default:
      return kind satisfies never;
  }
}

function unfit(target: string, endpoint: string): string {
  return `In the target '${target}' it would be called '${endpoint}', and no name there begins or ends with a dash.`;
}

function tooLong(target: string, endpoint: string): string | undefined {
  return endpoint.length <= longest
    ? undefined
    : `In the target '${target}' it would be called '${endpoint}', which has ${endpoint.length} characters; ${longest} are the most.`;
}
