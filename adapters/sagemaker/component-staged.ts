import type { DescribeInferenceComponentOutput, SageMakerClient } from "@aws-sdk/client-sagemaker";
import type { DeploymentTarget, Preflight, StagingTarget } from "../../core/deployment/deployment-target.ts";
import type { Order } from "../../core/deployment/order.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import type { StagedAt } from "../../core/promotion/staged.ts";
import type { ComponentTarget } from "../../core/promotion/target.ts";
import { hostOf } from "./component-host.ts";
import { releaseIn } from "./component-release.ts";
import { describeComponent, runningIn } from "./component-state.ts";
import type { Hosting } from "./hosting.ts";
import { createModel, findModel, requireNotMadeAnew, requireOrdered } from "./staged-model.ts";

const kind = "sagemaker-inference-component";

/** Creates the model, named after the promotion: all that a component is told of it. */
export function componentStaging(client: SageMakerClient, hosting: Hosting): StagingTarget {
  return {
    async stage(order) {
      await createModel(client, hosting, order);
      return findStagedModel(client, order, hosting);
    },
    preflight: (order, release) => componentPreflight(client, order, release),
  };
}

/** Whether SageMaker would release the order as it is asked for, and what is there would be there to go back to. */
export async function componentPreflight(
  client: SageMakerClient,
  order: Order,
  plan: Parameters<DeploymentTarget["preflight"]>[1],
): Promise<Preflight> {
  const target = requireKind(order.target, kind);
  const impossible = (why: string): Preflight => ({ kind: "impossible", why });
  const host = await hostOf(client, target);
  if (host.kind === "refuses") return impossible(`The endpoint '${target.host}' ${host.why}.`);
  const { state } = await describeComponent(client, target.endpoint);
  const running = runningIn(state, target);
  if (running.broken !== undefined) return impossible(cannotBeUpdated(target, running.broken));
  if (state.kind !== "absent") {
    const { EndpointName: on, VariantName: variant } = state.described;
    if (on !== target.host) return impossible(elsewhere(target, state.described));
    if (variant !== host.variant)
      return impossible(
        `The inference component '${target.endpoint}' is on the variant '${variant}', which its endpoint has no more.`,
      );
    if (releaseIn(state.described) === undefined)
      return impossible(
        `The inference component '${target.endpoint}' is not one model with resources of its own, so nothing could go back to it; give the target a component of its own.`,
      );
  }
  return { kind: "possible", release: plan(running), running };
}

/**
 * Throws `deployment-refused` unless the model under the promotion's name is exactly the order's, and was there all the time.
 */
export async function requireStagedModel(client: SageMakerClient, order: Order, hosting: Hosting): Promise<void> {
  requireNotMadeAnew(await findStagedModel(client, order, hosting), order);
}

async function findStagedModel(client: SageMakerClient, order: Order, hosting: Hosting): Promise<StagedAt> {
  return requireOrdered({ model: await findModel(client, hosting, order) });
}

export function elsewhere(
  { endpoint }: ComponentTarget,
  { EndpointName: on }: DescribeInferenceComponentOutput,
): string {
  return `The inference component '${endpoint}' is on the endpoint '${on}', and not moved from there.`;
}

export function cannotBeUpdated({ endpoint }: ComponentTarget, why: string): string {
  return `The inference component '${endpoint}' cannot be updated: ${why}`;
}
