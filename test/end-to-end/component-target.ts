import { CreateEndpointCommand, CreateEndpointConfigCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import { approval, ended, expect, promote, taken } from "../../examples/credit-scoring/demo/acts.ts";
import type { Cast } from "../../examples/credit-scoring/demo/cast.ts";
import { scoresFromEndpoint } from "../../examples/credit-scoring/demo/endpoint.ts";
import { result, type StoryResult } from "../../examples/credit-scoring/demo/stories.ts";

const host = "models";

/** As policies/targets.yaml would have it. */
export const componentTarget = `
  component:
    kind: sagemaker-inference-component
    endpoint: "{model}-component"
    host: ${host}
    copies: 2
    resources: { memoryMegabytes: 2048 }
    traffic: { rolling: { copies: 1, wait: 1m } }
    alarms: { errorPercent: 5 }`;

/** On an endpoint that whoever runs the platform has made, beside nobody's model yet. */
export async function component(cast: Cast): Promise<StoryResult> {
  await makeHost(cast.stack.addresses.sagemaker);
  const { id } = await promote(cast, "champion", "10.0.0", undefined, "component");
  await taken(cast.reliabilityEngineer.decide(id, { ...approval, roles: ["sre"] }));
  const promotion = await ended(cast, id, "deployed");
  const { version } = await scoresFromEndpoint(cast.stack, host, "credit-scoring-component");
  expect(version === "10.0.0", `the component serves 10.0.0, not ${version}`);
  return result("component", promotion);
}

async function makeHost(endpoint: string): Promise<void> {
  const client = new SageMakerClient({
    endpoint,
    region: "us-east-1",
    credentials: { accessKeyId: "PLATFORMTEAM", secretAccessKey: "unused" },
  });
  await client.send(
    new CreateEndpointConfigCommand({
      EndpointConfigName: host,
      ExecutionRoleArn: "arn:aws:iam::000000000000:role/models",
      EnableNetworkIsolation: true,
      ProductionVariants: [{ VariantName: "instances", InstanceType: "ml.m5.large", InitialInstanceCount: 1 }],
    }),
  );
  await client.send(new CreateEndpointCommand({ EndpointName: host, EndpointConfigName: host }));
}
