import {
  DescribeEndpointCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { ComponentTarget } from "../../core/promotion/target.ts";
import { unlessAbsent } from "./refusals.ts";
import { isolated } from "./staged-model.ts";

/** What an endpoint is to a component that is put on it. */
export type Host =
  | { readonly kind: "takes"; readonly variant: string }
  /** In words that follow the endpoint's name. */
  | { readonly kind: "refuses"; readonly why: string };

/** Looks whether the endpoint of somebody else takes a component as the target promises it. */
export async function hostOf(client: SageMakerClient, target: ComponentTarget): Promise<Host> {
  const refuses = (why: string): Host => ({ kind: "refuses", why });
  const endpoint = await unlessAbsent(() => client.send(new DescribeEndpointCommand({ EndpointName: target.host })));
  if (endpoint === undefined) return refuses("is not there, and it is not made here: whoever runs it makes it first");
  const { EndpointStatus: status, EndpointConfigName: name } = endpoint;
  // While a component is updated, its endpoint is as well: instances are started for it.
  if (status !== "InService" && status !== "Updating" && status !== "SystemUpdating")
    return refuses(`is ${status}, and takes nothing`);
  const config = await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));
  if (config === undefined) return refuses("serves under a configuration that is gone, so nobody knows what it takes");
  const why = whyNoComponents(config) ?? whyNotIsolated(config, target);
  const variant = config.ProductionVariants?.[0]?.VariantName;
  return why === undefined && variant !== undefined ? { kind: "takes", variant } : refuses(why ?? "has no variant");
}

function whyNoComponents(config: DescribeEndpointConfigOutput): string | undefined {
  const [variant, ...others] = config.ProductionVariants ?? [];
  if (variant === undefined || others.length > 0) return `has ${others.length + 1} variants, not one`;
  if (variant.ModelName !== undefined)
    return "serves a model of its own, so SageMaker puts no inference component on it";
  if (variant.ServerlessConfig !== undefined) return "is serverless, so SageMaker puts no inference component on it";
  if (config.AsyncInferenceConfig !== undefined) return "answers asynchronously, so nobody could call the component";
  if (config.ExecutionRoleArn === undefined) return "has no execution role that could read the model";
  return undefined;
}

/**
 * Of an inference component, whether it is isolated is the endpoint's to say.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_CreateEndpointConfig.html
 */
function whyNotIsolated({ EnableNetworkIsolation: is = false }: DescribeEndpointConfigOutput, target: ComponentTarget) {
  return isolated(target) && !is
    ? "lets its containers reach the network (EnableNetworkIsolation), and the target does not say 'network: open'"
    : undefined;
}
