import {
  DescribeEndpointConfigCommand,
  type SageMakerClient,
  type UpdateEndpointInput,
} from "@aws-sdk/client-sagemaker";
import { type DescribedEndpoint, describeAsItIs } from "./endpoint-state.ts";
import { unlessAbsent } from "./refusals.ts";

/** What `UpdateEndpoint` is told of the instances that are there. */
export type Retained = Pick<UpdateEndpointInput, "RetainAllVariantProperties" | "ExcludeRetainedVariantProperties">;

/** Instances stay as many as somebody, or a scaling policy, made of them; weights become those of the configuration. */
export const retainInstances: Retained = {
  RetainAllVariantProperties: true,
  ExcludeRetainedVariantProperties: [{ VariantPropertyType: "DesiredWeight" }],
};

/**
 * How many instances an endpoint's variant keeps as it comes to serve another configuration: those that somebody, or a
 * scaling policy, gave it beyond what its own configuration says, and beyond what the other does. `undefined`: it gets those
 * of the other. https://docs.aws.amazon.com/sagemaker/latest/dg/endpoint-scaling-update.html
 */
export async function keptInstances(
  client: SageMakerClient,
  endpoint: string,
  configName: string,
): Promise<number | undefined> {
  const described = await describeAsItIs(client, endpoint);
  const serving = servingConfigOf(described);
  if (serving === undefined) return undefined;
  const [now, next] = [await initialCounts(client, serving), await initialCounts(client, configName)];
  for (const [variant, count] of next) {
    const current = described.instances[variant];
    if (current !== undefined && current !== now.get(variant) && current > count) return current;
  }
  return undefined;
}

function servingConfigOf({ state }: DescribedEndpoint): string | undefined {
  return state.kind === "absent" ? undefined : state.configName;
}

/** By the names of a configuration's variants, the instances that it says. None of a serverless one, and of one that is gone. */
async function initialCounts(client: SageMakerClient, name: string): Promise<ReadonlyMap<string, number>> {
  const config = await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));
  return new Map(
    (config?.ProductionVariants ?? []).flatMap(({ VariantName: variant, InitialInstanceCount: count }) =>
      variant === undefined || count === undefined ? [] : [[variant, count] as const],
    ),
  );
}
