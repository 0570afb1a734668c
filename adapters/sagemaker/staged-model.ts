import {
  CreateModelCommand,
  type CreateModelInput,
  DeleteModelCommand,
  DescribeModelCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { Order } from "../../core/deployment/order.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { isHosted, type Target } from "../../core/promotion/target.ts";
import { whyNotModelAsked } from "./as-asked.ts";
import { type Hosting, servingRoleOf } from "./hosting.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";

/** Makes the model of a promotion, named after it, of the pinned bytes and the image's digest. */
export async function createModel(client: SageMakerClient, hosting: Hosting, order: Order): Promise<void> {
  await createOnce(() => client.send(new CreateModelCommand(modelOf(order, hosting))));
}

/** Why the model under the promotion's name is not exactly what is ordered, as a part of a sentence; `undefined`: it is. */
export async function whyNotModelOrdered(
  client: SageMakerClient,
  hosting: Hosting,
  order: Order,
): Promise<string | undefined> {
  const found = await unlessAbsent(() => client.send(new DescribeModelCommand({ ModelName: order.promotion })));
  return whyNotModelAsked(found, modelOf(order, hosting));
}

/** Throws `deployment-refused` where something staged is not as it was ordered. */
export function requireNothingElse(why: string | undefined): void {
  if (why !== undefined)
    throw new Failure(
      "deployment-refused",
      `What is staged on SageMaker is not what was approved: ${why}; somebody changed or removed it.`,
    );
}

function modelOf({ promotion, target, image, model }: Order, hosting: Hosting): CreateModelInput {
  return {
    ModelName: promotion,
    ExecutionRoleArn: servingRoleOf(target, hosting),
    // A candidate runs before people have approved it: it gets no credentials and reaches nothing.
    EnableNetworkIsolation: isolated(target),
    PrimaryContainer: {
      Image: image,
      ModelDataSource: {
        S3DataSource: { S3Uri: model.uri, S3DataType: "S3Object", CompressionType: compressionOf(model.uri) },
      },
    },
  };
}

/**
 * Whether SageMaker unpacks the model, as it unpacks what its training jobs make and its own containers expect; by the
 * name of the artifact, which is signed. Any other lies in `/opt/ml/model` as it is, under its own name.
 * https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_S3ModelDataSource.html
 */
function compressionOf(uri: string): "Gzip" | "None" {
  return /\.(?:tar\.gz|tgz)$/i.test(uri) ? "Gzip" : "None";
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
