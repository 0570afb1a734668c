import {
  CreateEndpointConfigCommand,
  DeleteEndpointConfigCommand,
  DescribeEndpointConfigCommand,
  type DescribeEndpointConfigOutput,
  type SageMakerClient,
  UpdateEndpointWeightsAndCapacitiesCommand,
} from "@aws-sdk/client-sagemaker";
import type { Deployment } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireInstances, requireKind } from "../../core/deployment/target-kind.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { isPromotionId, type PromotionId } from "../../core/promotion/promotion-id.ts";
import type { WeightStep } from "../../core/promotion/traffic.ts";
import { type DescribedEndpoint, describeAsItIs } from "./endpoint-state.ts";
import { createOnce, unlessAbsent } from "./refusals.ts";
import { beingChanged, serveConfig, unlessOvertaken } from "./serve-config.ts";
import { shareConfig, shareConfigName, sharedBy, whyNotShareOf } from "./share-config.ts";
import { isMadeSince } from "./staged-model.ts";

/** Lets exactly what is staged for the order answer its first part of the requests, beside what answers now. */
export async function startShare(client: SageMakerClient, order: Order, first: WeightStep | undefined): Promise<void> {
  const { promotion, target } = order;
  const machine = requireKind(target, "sagemaker-endpoint");
  const { state } = await describeAsItIs(client, target.endpoint);
  if (state.kind !== "in-service" || first === undefined) throw beingChanged(target.endpoint);
  // Another run of this step came first.
  if (state.configName === shareConfigName(promotion)) return;
  const before = await configNamed(client, state.configName);
  const [variant] = before?.ProductionVariants ?? [];
  if (variant === undefined)
    throw new Failure("deployment-refused", `The configuration '${state.configName}', which answers now, is gone.`);
  const wanted = shareConfig(promotion, requireInstances(machine), { variant, percent: first.percent });
  await createOnce(() => client.send(new CreateEndpointConfigCommand(wanted)));
  await requireShareOf(client, before, order, first);
  await serveConfig(client, target.endpoint, shareConfigName(promotion));
}

/** Throws `deployment-refused` unless the candidate answers beside exactly what ran before. */
export async function requireShare(
  client: SageMakerClient,
  { previous, release: { traffic }, startedAt, sharedSince, ...order }: Deployment,
): Promise<void> {
  const before = previous === undefined ? undefined : await configNamed(client, previous);
  const [first] = traffic.kind === "weights" ? traffic.steps : [];
  // What answered before the release was there before it, and what the endpoint reads as it shifts is there before it answers.
  await requireShareOf(client, before, order, first, { before: startedAt, own: sharedSince });
}

async function requireShareOf(
  client: SageMakerClient,
  before: DescribeEndpointConfigOutput | undefined,
  { promotion, target }: Pick<Order, "promotion" | "target">,
  first: WeightStep | undefined,
  madeBefore: { readonly before?: Instant | undefined; readonly own?: Instant | undefined } = {},
): Promise<void> {
  const machine = requireInstances(requireKind(target, "sagemaker-endpoint"));
  const found = await configNamed(client, shareConfigName(promotion));
  const why =
    first === undefined
      ? "it was released otherwise"
      : (whyNotShareOf(found, before, { promotion, machine, percent: first.percent }) ??
        (isMadeSince(before?.CreationTime, madeBefore.before)
          ? "the configuration before it was made anew since the release began"
          : isMadeSince(found?.CreationTime, madeBefore.own)
            ? "it was made anew after it had begun to answer"
            : undefined));
  if (why !== undefined)
    throw new Failure(
      "deployment-refused",
      `The configuration under which the candidate answers a part of the requests is not that of the candidate and what ran before: ${why}; somebody changed or removed one of them.`,
    );
}

/** The promotion whose model answers beside the candidate under a configuration, where one of ours does. */
export async function besideIn(client: SageMakerClient, configName: string): Promise<PromotionId | undefined> {
  const candidate = sharedBy(configName);
  if (candidate === undefined) return undefined;
  const config = await configNamed(client, configName);
  const models = (config?.ProductionVariants ?? []).map(({ ModelName }) => ModelName);
  return models.filter(isPromotionId).find((model) => model !== candidate);
}

/** Of a hundred requests, how many the candidate gets by the weights of the variants. */
export function shareOf(promotion: PromotionId, { weights }: Pick<DescribedEndpoint, "weights">): number {
  const sum = Object.values(weights).reduce((all, weight) => all + weight, 0);
  const percent = (100 * (weights[promotion] ?? 0)) / sum;
  // Weights are single-precision numbers on the other side.
  return sum === 0 ? 0 : Math.round(percent * 1000) / 1000;
}

/** Gives the candidate so many of a hundred requests, and what answers beside it the others. Takes seconds, not instances. */
export async function weigh(
  client: SageMakerClient,
  { promotion, target: { endpoint } }: Pick<Order, "promotion" | "target">,
  { weights }: Pick<DescribedEndpoint, "weights">,
  percent: number,
): Promise<void> {
  const beside = Object.keys(weights).filter((variant) => variant !== promotion);
  await unlessOvertaken(endpoint, () =>
    client.send(
      new UpdateEndpointWeightsAndCapacitiesCommand({
        EndpointName: endpoint,
        DesiredWeightsAndCapacities: [
          ...beside.map((VariantName) => ({ VariantName, DesiredWeight: 100 - percent })),
          { VariantName: promotion, DesiredWeight: percent },
        ],
      }),
    ),
  );
}

/** Removes the configuration; answers whether it was there. */
export async function removeShare(client: SageMakerClient, promotion: PromotionId): Promise<boolean> {
  const config = { EndpointConfigName: shareConfigName(promotion) };
  return (await unlessAbsent(() => client.send(new DeleteEndpointConfigCommand(config)))) !== undefined;
}

function configNamed(client: SageMakerClient, name: string) {
  return unlessAbsent(() => client.send(new DescribeEndpointConfigCommand({ EndpointConfigName: name })));
}
