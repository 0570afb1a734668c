import type { DeployedTarget } from "../../promotion/target.ts";

const longest = 63;

/**
 * Why nothing can be called what a target makes of a model's name, as a sentence; `undefined`: it can. By the pattern alone
 * that cannot be told when the file is loaded, and SageMaker or the cluster would say it to the step that stages.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpoint.html,
 * https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names
 */
export function whyNoSuchName(target: DeployedTarget): string | undefined {
  switch (target.kind) {
    case "sagemaker-endpoint":
      return unfit(target.name, [target.endpoint], hosted);
    case "sagemaker-inference-component":
      return unfit(target.name, [target.endpoint, target.host], hosted);
    case "kubernetes": {
      const { name, endpoint, application, mirror } = target;
      const own = [endpoint, application?.name, mirror?.route, mirror?.service].filter((each) => each !== undefined);
      return unfit(name, own, clustered);
    }
    case "pipeline":
    case "webhook":
      return undefined;
    default:
      return target satisfies never;
  }
}

const hosted = /^[a-zA-Z0-9](-*[a-zA-Z0-9])*$/;
const clustered = /^[a-z0-9](-*[a-z0-9])*$/;

function unfit(target: string, names: readonly string[], pattern: RegExp): string | undefined {
  const name = names.find((each) => each.length > longest || !pattern.test(each));
  if (name === undefined) return undefined;
  const why = pattern.test(name)
    ? `which has ${name.length} characters; ${longest} are the most`
    : "and no name there begins or ends with a dash";
  return `In the target '${target}' it would be called '${name}', ${why}.`;
}
