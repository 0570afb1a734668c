import { ListEndpointConfigsCommand, ListModelsCommand, SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { RunningStack } from "../../../local/stack.ts";

/** What SageMaker lists under a promotion's name. */
export async function stagedOnSageMaker(stack: RunningStack, promotionId: string): Promise<readonly string[]> {
  const client = new SageMakerClient({
    endpoint: stack.addresses.sagemaker,
    region: "us-east-1",
    credentials: { accessKeyId: "OPERATOR", secretAccessKey: "unused" },
  });
  const { Models: models = [] } = await client.send(new ListModelsCommand({ NameContains: promotionId }));
  const { EndpointConfigs: configs = [] } = await client.send(
    new ListEndpointConfigsCommand({ NameContains: promotionId }),
  );
  return [
    ...models.map(({ ModelName: name }) => `model ${name}`),
    ...configs.map(({ EndpointConfigName: name }) => `configuration ${name}`),
  ];
}
