import {
  CreateInferenceComponentCommand,
  DeleteInferenceComponentCommand,
  type DescribeInferenceComponentOutput,
  type SageMakerClient,
  UpdateInferenceComponentCommand,
} from "@aws-sdk/client-sagemaker";
import type { AlarmKeeper } from "../../core/deployment/alarms.ts";
import type { Deployment, DeploymentTarget } from "../../core/deployment/deployment-target.ts";
import { requireFirst } from "../../core/deployment/made-meanwhile.ts";
import type { ApprovedOrder, Order } from "../../core/deployment/order.ts";
import { placeOf } from "../../core/deployment/place.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { ComponentTarget, Target } from "../../core/promotion/target.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { hostOf } from "./component-host.ts";
import { componentProgress } from "./component-progress.ts";
import {
  type ComponentRelease,
  orderedRelease,
  releaseOfRevision,
  rollingBack,
  rollingUpdate,
  specificationOf,
  whyNotOrdered,
} from "./component-release.ts";
import { cannotBeUpdated, componentPreflight, elsewhere, requireStagedModel } from "./component-staged.ts";
import { componentsOn, describeComponent, runningIn } from "./component-state.ts";
import type { Hosting } from "./hosting.ts";
import { isOvertaken } from "./refusals.ts";
import { removeAlarms, requireQuiet } from "./release-alarms.ts";
import { ownAlarmNames, ownAlarms } from "./release-config.ts";
import { remainsOfModel, removeModel } from "./staged-model.ts";

const kind = "sagemaker-inference-component";

/**
 * An inference component on an endpoint that somebody else runs. It is updated in place, under one name: what says which
 * promotion serves is its model, which carries the promotion's id.
 */
export function componentTarget(client: SageMakerClient, alarms: AlarmKeeper, hosting: Hosting): DeploymentTarget {
  return {
    async describeRunning(target) {
      const place = requireKind(target, kind);
      return runningIn((await describeComponent(client, place.endpoint)).state, place);
    },

    neighbours: (target) => componentsOn(client, requireKind(target, kind).host),

    preflight: (order, release) => componentPreflight(client, order, release),

    async start(order, release) {
      const target = requireKind(order.target, kind);
      if (await hasBegun(order, release)) return;
      await requireStagedModel(client, order, hosting);
      await requireQuiet(alarms, release);
      const { variant } = await requireHost(target);
      for (const alarm of ownAlarms({ ...order, release })) await alarms.create(alarm);
      const ordered = orderedRelease(order, target);
      try {
        if (release.kind === "first") await create(target, ordered, variant);
        else await update(target, ordered, rollingUpdate({ ...order, release }));
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        // Another run of this step, or somebody else, came first.
        if (!(await hasBegun(order, release))) throw beingChanged(target, error);
      }
    },

    async check(deployment) {
      const target = requireKind(deployment.target, kind);
      return componentProgress(deployment, await describeComponent(client, target.endpoint), {
        alarms,
        host: target.host,
        requireApproved: (described) => requireApproved(described, deployment, target),
      });
    },

    async rollBack(deployment) {
      const { promotion, previous } = deployment;
      const target = requireKind(deployment.target, kind);
      const { state } = await describeComponent(client, target.endpoint);
      switch (state.kind) {
        case "absent":
          if (previous !== undefined) {
            const { variant } = await requireHost(target);
            await unlessOvertaken(target, () => create(target, releaseOfRevision(previous), variant));
          }
          return;
        case "busy":
          throw beingChanged(target);
        case "in-service":
          if (state.described.Specification?.ModelName !== promotion) return;
          return goBack(deployment, target);
        case "failed":
          // What somebody else made of it is theirs to remove.
          if (previous === undefined && state.described.Specification?.ModelName !== promotion) return;
          return goBack(deployment, target);
        default:
          return state satisfies never;
      }
    },

    async settle(deployment) {
      await alarms.remove(ownAlarmNames(deployment));
    },

    async cleanUp(promotion, given, deployment) {
      const target = requireKind(given, kind);
      const { state } = await describeComponent(client, target.endpoint);
      // Until it is over nobody knows whether the model is needed.
      if (state.kind === "busy" && deployment !== undefined) throw beingChanged(target);
      if (state.kind !== "absent" && state.described.Specification?.ModelName === promotion)
        throw new Failure("conflict", `The inference component '${target.endpoint}' still serves this promotion.`);
      const removed = await removeModel(client, promotion);
      const own = await removeAlarms(alarms, deployment);
      return {
        removed: [...removed, ...own.removed],
        left: [...(await remainsOfModel(client, promotion)), ...own.left],
      };
    },
  };

  /** Whether the component serves the order, or is on its way to. Throws where it cannot be changed. */
  async function hasBegun(order: ApprovedOrder, { kind: released }: Release): Promise<boolean> {
    const target = requireKind(order.target, kind);
    const { state } = await describeComponent(client, target.endpoint);
    if (state.kind !== "absent" && state.described.EndpointName !== target.host)
      throw new Failure("deployment-refused", elsewhere(target, state.described));
    const { promotion, changingTo, broken } = runningIn(state, target);
    if (broken !== undefined) throw new Failure("deployment-refused", cannotBeUpdated(target, broken));
    if (promotion === order.promotion || changingTo === order.promotion) return true;
    const made = state.kind === "in-service" || (state.kind === "busy" && state.status === "Creating");
    if (released === "first" && made) requireFirst(order, `inference component '${target.endpoint}'`);
    if (changingTo !== undefined) throw beingChanged(target);
    return false;
  }

  async function requireHost(target: ComponentTarget): Promise<{ readonly variant: string }> {
    const host = await hostOf(client, target);
    if (host.kind === "takes") return host;
    throw new Failure("deployment-refused", `The endpoint '${target.host}' ${host.why}.`);
  }

  async function requireApproved(
    described: DescribeInferenceComponentOutput,
    order: Order,
    target: ComponentTarget,
  ): Promise<void> {
    const why = whyNotOrdered(described, order, target);
    if (why !== undefined) throw new Failure("deployment-refused", why);
    await requireStagedModel(client, order, hosting);
    await requireHost(target);
  }

  async function create(
    { endpoint, host }: ComponentTarget,
    release: ComponentRelease,
    variant: string,
  ): Promise<void> {
    await client.send(
      new CreateInferenceComponentCommand({
        InferenceComponentName: endpoint,
        EndpointName: host,
        VariantName: variant,
        Specification: specificationOf(release),
        // What was scaled to nothing before comes back with one copy: SageMaker creates none without.
        RuntimeConfig: { CopyCount: Math.max(1, release.copies) },
      }),
    );
  }

  async function update(
    { endpoint }: ComponentTarget,
    release: ComponentRelease,
    rolling: ReturnType<typeof rollingUpdate>,
  ): Promise<void> {
    await client.send(
      new UpdateInferenceComponentCommand({
        InferenceComponentName: endpoint,
        Specification: specificationOf(release),
        RuntimeConfig: { CopyCount: release.copies },
        ...(rolling === undefined ? {} : { DeploymentConfig: rolling }),
      }),
    );
  }

  async function goBack(deployment: Deployment, target: ComponentTarget): Promise<void> {
    const { previous } = deployment;
    await unlessOvertaken(target, async () => {
      if (previous !== undefined) {
        const before = releaseOfRevision(previous);
        await update(target, before, rollingBack(deployment, before.copies));
      } else await client.send(new DeleteInferenceComponentCommand({ InferenceComponentName: target.endpoint }));
    });
  }
}

/** Throws `unavailable` where somebody else is making or changing the component. */
async function unlessOvertaken(target: Target, call: () => Promise<unknown>): Promise<void> {
  try {
    await call();
  } catch (error) {
    if (!isOvertaken(error)) throw error;
    throw beingChanged(target, error);
  }
}

function beingChanged(target: Target, cause?: unknown): Failure {
  return new Failure("unavailable", `${placeOf(target).replace("the ", "The ")} is being changed at the moment.`, {
    cause,
  });
}
