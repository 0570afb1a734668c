import {
  CreateEndpointConfigCommand,
  type CreateEndpointConfigInput,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type SageMakerClient,
} from "@aws-sdk/client-sagemaker";
import type { StagingTarget } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { StagedAt } from "../../core/promotion/staged.ts";
import { whyNotConfigAsked } from "./as-asked.ts";
import { queueOf } from "./asynchronous.ts";
import type { Hosting } from "./hosting.ts";
import { preflight } from "./preflight.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";
import { shadowConfigName } from "./shadow-config.ts";
import { shareConfigName } from "./share-config.ts";
import {
  createModel,
  findModel,
  remainsOfModel,
  removeModel,
  requireNotMadeAnew,
  requireOrdered,
} from "./staged-model.ts";
import { stagedVariant } from "./variant.ts";

/** Creates model and endpoint configuration, both named after the promotion; nothing serves yet. */
export function sagemakerStaging(client: SageMakerClient, hosting: Hosting): StagingTarget {
  return {
    async stage(order) {
      await createModel(client, hosting, order);
      await createOnce(() => client.send(new CreateEndpointConfigCommand(configOf(order))));
      return findStaged(client, order, hosting);
    },

    preflight: (order, release) => preflight(client, hosting, order, release),
  };
}

/**
 * Throws `deployment-refused` unless what is staged under the promotion's name is exactly the order, and nothing beside it, and
 * is what was there all the time.
 */
export async function requireStaged(client: SageMakerClient, order: Order, hosting: Hosting): Promise<void> {
  requireNotMadeAnew(await findStaged(client, order, hosting), order);
}

/** The same of what is there at this moment; answers when it was made. */
async function findStaged(client: SageMakerClient, order: Order, hosting: Hosting): Promise<StagedAt> {
  const id = order.promotion;
  const config = await unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: id })));
  const model = await findModel(client, hosting, order);
  const configuration = { why: whyNotConfigAsked(config, configOf(order)), made: config?.CreationTime };
  return requireOrdered({ model, configuration });
}

function configOf({ promotion, target }: Order): CreateEndpointConfigInput {
  const machine = requireKind(target, "sagemaker-endpoint");
  return {
    EndpointConfigName: promotion,
    ProductionVariants: [stagedVariant(promotion, machine)],
    ...queueOf(machine),
  };
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
