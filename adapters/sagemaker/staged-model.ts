import {
  CreateModelCommand,
  DeleteModelCommand,
  DescribeModelCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Order } from "../../core/deployment/order.ts";
import { isHosted, type Target } from "../../core/promotion/freeze-manifest.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";

/** Makes the model of a promotion, named after it, of the pinned bytes and the image's digest. */
export async function createModel(client: SageMakerClient, servingRoleArn: string, order: Order): Promise<void> {
  await createOnce(() =>
    client.send(
      new CreateModelCommand({
        ModelName: order.promotion,
        ExecutionRoleArn: servingRoleArn,
        // A candidate runs before people have approved it: it gets no credentials and reaches nothing.
        EnableNetworkIsolation: isolated(order.target),
        PrimaryContainer: {
          Image: order.image,
          ModelDataSource: {
            S3DataSource: { S3Uri: order.model.uri, S3DataType: "S3Object", CompressionType: "None" },
          },
        },
      }),
    ),
  );
}

/** Whether the model under the promotion's name is exactly what is ordered. */
export async function isModelAsOrdered(client: SageMakerClient, order: Order): Promise<boolean> {
  const model = await unlessAbsent(() => client.send(new DescribeModelCommand({ ModelName: order.promotion })));
  const container = model?.PrimaryContainer;
  const source = container?.ModelDataSource?.S3DataSource;
  return (
    (model?.Containers ?? []).length === 0 &&
    (model?.EnableNetworkIsolation ?? false) === isolated(order.target) &&
    container?.Image === order.image &&
    source?.S3Uri === order.model.uri &&
    source?.S3DataType === "S3Object" &&
    source?.CompressionType === "None" &&
    Object.keys(container?.Environment ?? {}).length === 0
  );
}

/**
 * Whether the model's container is cut off from the network and from the serving role. SageMaker fetches the model and
 * captures data by itself, outside of the container.
 * https://docs.aws.amazon.com/sagemaker/latest/dg/mkt-algo-model-internet-free.html
 */
export function isolated(target: Target): boolean {
  return !isHosted(target) || target.network !== "open";
}

/** Removes a promotion's model. Answers what was there. */
export async function removeModel(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  return (await unlessAbsent(() => client.send(new DeleteModelCommand({ ModelName: id })))) ? ["model"] : [];
}

/** What is still there of it. */
export async function remainsOfModel(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  return (await unlessAbsent(() => client.send(new DescribeModelCommand({ ModelName: id })))) ? ["model"] : [];
}
