import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { StagingTarget } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { preflight } from "./preflight.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";
import { shadowConfigName } from "./shadow-config.ts";
import { shareConfigName } from "./share-config.ts";
import { createModel, isModelAsOrdered, remainsOfModel, removeModel } from "./staged-model.ts";
import { isStaged, stagedVariant } from "./variant.ts";

/** Creates model and endpoint configuration, both named after the promotion; nothing serves yet. */
export function sagemakerStaging(client: SageMakerClient, servingRoleArn: string): StagingTarget {
  return {
    async stage(order) {
      const machine = requireKind(order.target, "sagemaker-endpoint");
      const id = order.promotion;
      await createModel(client, servingRoleArn, order);
      await createOnce(() =>
        client.send(
          new CreateEndpointConfigCommand({
            EndpointConfigName: id,
            ProductionVariants: [stagedVariant(id, machine)],
          }),
        ),
      );
      await requireStaged(client, order);
    },

    preflight: (order, release) => preflight(client, order, release),
  };
}

/** Throws `deployment-refused` unless what is staged under the promotion's name is exactly the order. */
export async function requireStaged(client: SageMakerClient, order: Order): Promise<void> {
  const id = order.promotion;
  const sameModel = await isModelAsOrdered(client, order);
  const config = await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id })));
  const machine = requireKind(order.target, "sagemaker-endpoint");
  const [variant, ...others] = config?.ProductionVariants ?? [];
  const same =
    sameModel &&
    others.length === 0 &&
    (config?.ShadowProductionVariants ?? []).length === 0 &&
    isStaged(variant, stagedVariant(id, machine));
  if (!same) {
    throw new Failure(
      "deployment-refused",
      "What is staged on SageMaker is not what was approved: somebody changed or removed the model or its configuration.",
    );
  }
}

/** Removes what was staged for a promotion that will not run. Answers what was there. */
export async function removeStaged(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  const removed: string[] = [];
  if (await unlessAbsent(() => client.send(new DeleteEndpointConfigCommand({ EndpointConfigName: id }))))
    removed.push("endpoint configuration");
  return [...removed, ...(await removeModel(client, id))];
}

/** What is still there of a promotion. */
export async function remainsOf(client: SageMakerClient, id: PromotionId): Promise<readonly string[]> {
  const left: string[] = [];
  const shadow = { EndpointConfigName: shadowConfigName(id) };
  if (await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand(shadow))))
    left.push("endpoint configuration of its run in shadow");
  const share = { EndpointConfigName: shareConfigName(id) };
  if (await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand(share))))
    left.push("endpoint configuration of its part of the requests");
  if (await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id }))))
    left.push("endpoint configuration");
  return [...left, ...(await remainsOfModel(client, id))];
}
