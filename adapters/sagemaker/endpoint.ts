import {
  CreateEndpointCommand,
  DeleteEndpointCommand,
  type DeploymentConfig,
  type SageMakerClient,
  UpdateEndpointCommand,
} from "@aws-sdk/client-sagemaker";
import type { AlarmKeeper } from "../../core/deployment/alarms.ts";
import type { Deployment, DeploymentTarget, Running } from "../../core/deployment/deployment-target.ts";
import { requireFirst } from "../../core/deployment/made-meanwhile.ts";
import type { ApprovedOrder, Order } from "../../core/deployment/order.ts";
import { Failure } from "../../core/failure.ts";
import type { Release } from "../../core/promotion/traffic.ts";
import { type DescribedEndpoint, describeEndpoint, runningOf } from "./endpoint-state.ts";
import type { Hosting } from "./hosting.ts";
import { keptInstances, retainInstances } from "./kept-instances.ts";
import { preflight } from "./preflight.ts";
import { progressOf } from "./progress.ts";
import { isOvertaken, isScaled } from "./refusals.ts";
import { removeAlarms, requireQuiet } from "./release-alarms.ts";
import { deploymentConfig, isHeldBy, ownAlarmNames, ownAlarms } from "./release-config.ts";
import { beingChanged, serveConfig, unlessOvertaken } from "./serve-config.ts";
import { besideIn, removeShare, requireShare, shareOf, startShare, weigh } from "./share.ts";
import { shareConfigName } from "./share-config.ts";
import { remainsOf, removeStaged, requireStaged } from "./staged.ts";

/**
 * An endpoint of SageMaker. Model and configuration carry the promotion's id as their name, so that every operation
 * may be repeated. Blue/green: SageMaker itself shifts the traffic and goes back when an alarm is raised.
 */
export function sagemakerTarget(client: SageMakerClient, alarms: AlarmKeeper, hosting: Hosting): DeploymentTarget {
  return {
    describeRunning: ({ endpoint }) => describeRunning(endpoint),

    preflight: (order, release) => preflight(client, hosting, order, release),

    async start(order, release) {
      const { endpoint } = order.target;
      const { traffic } = release;
      if (await hasBegun(order, release)) return;
      await requireStaged(client, order, hosting);
      await requireQuiet(alarms, release);
      for (const alarm of ownAlarms({ ...order, release })) await alarms.create(alarm);
      try {
        if (traffic.kind === "weights") await startShare(client, order, traffic.steps[0]);
        else await serve(order, release);
      } catch (error) {
        if (!isOvertaken(error)) throw error;
        // Another run of this step, or somebody else, came first.
        if (!(await hasBegun(order, release))) throw beingChanged(endpoint, error);
      }
    },

    async check(deployment) {
      const described = await describeEndpoint(client, hosting, deployment.target.endpoint);
      return progressOf(deployment, described, {
        alarms,
        requireStaged: () => requireStaged(client, deployment, hosting),
        requireShare: () => requireShare(client, deployment),
        besideIn: (configName) => besideIn(client, configName),
      });
    },

    async shift(deployment, to) {
      const { promotion, target } = deployment;
      const described = await describeEndpoint(client, hosting, target.endpoint);
      const { state } = described;
      // Another run of this step came first, or somebody changed it: whoever looks next says what it is.
      if (state.kind !== "in-service" || state.configName !== shareConfigName(promotion)) return;
      if (to !== "all") return weigh(client, deployment, described, to);
      await requireStaged(client, deployment, hosting);
      await unlessOvertaken(target.endpoint, () => serve(deployment, deployment.release));
    },

    rollBack: (deployment) => unlessOvertaken(deployment.target.endpoint, () => goBack(deployment)),

    async settle(deployment) {
      await alarms.remove(ownAlarmNames(deployment));
      if (deployment.release.traffic.kind === "weights") await removeShare(client, deployment.promotion);
    },

    async cleanUp(promotion, { endpoint }, deployment) {
      const { changingTo, revision, beside } = await describeRunning(endpoint);
      if (changingTo === promotion || revision === promotion || beside === promotion)
        throw new Failure("conflict", `The endpoint '${endpoint}' still serves this promotion, or is about to.`);
      const weighed = deployment?.release.traffic.kind === "weights" && (await removeShare(client, promotion));
      const removed = [
        ...(weighed ? ["endpoint configuration of its part of the requests"] : []),
        ...(await removeStaged(client, promotion)),
      ];
      const own = await removeAlarms(alarms, deployment);
      const left = [...(await remainsOf(client, promotion)), ...own.left];
      return { removed: [...removed, ...own.removed], left };
    },
  };

  async function describeRunning(endpoint: string): Promise<Running> {
    const running = runningOf((await describeEndpoint(client, hosting, endpoint)).state);
    const beside = running.revision === undefined ? undefined : await besideIn(client, running.revision);
    return { ...running, ...(beside === undefined ? {} : { beside }) };
  }

  /** Whether the endpoint serves the order, or is on its way to. Throws where it cannot be changed. */
  async function hasBegun(order: ApprovedOrder, { kind, traffic }: Release): Promise<boolean> {
    const { promotion, target } = order;
    const { endpoint } = target;
    const { state } = await describeEndpoint(client, hosting, endpoint);
    const { revision, changingTo, broken } = runningOf(state);
    const made = state.kind === "in-service" || (state.kind === "busy" && state.creating);
    if (kind === "first" && made && state.configName !== promotion) requireFirst(order, `endpoint '${endpoint}'`);
    if (broken !== undefined)
      throw new Failure("deployment-refused", `The endpoint '${endpoint}' cannot be updated: ${broken}`);
    // What was approved is put back where a part of it, or all of another, is served by hand.
    if (state.kind === "in-service" && traffic.kind !== "weights") return revision === promotion;
    if (changingTo === promotion) return true;
    if (changingTo !== undefined) throw beingChanged(endpoint);
    return revision === promotion;
  }

  async function goBack(deployment: Deployment): Promise<void> {
    const { promotion, target, previous } = deployment;
    const { endpoint } = target;
    const described = await describeEndpoint(client, hosting, endpoint);
    const { state } = described;
    switch (state.kind) {
      case "absent":
        if (previous !== undefined)
          await client.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: previous }));
        return;
      case "busy":
        if (state.changingTo === previous) return;
        throw beingChanged(endpoint);
      case "failed":
        // A failed endpoint can be removed and nothing else; what ran before is created again at the next look.
        if (state.deletable) await client.send(new DeleteEndpointCommand({ EndpointName: endpoint }));
        else if (previous !== undefined) await update(endpoint, previous);
        return;
      case "in-service":
        if (state.configName === shareConfigName(promotion)) return endShare(deployment, described);
        if (state.configName !== promotion) return;
        if (previous === undefined) await client.send(new DeleteEndpointCommand({ EndpointName: endpoint }));
        else await update(endpoint, previous);
        return;
      default:
        return state satisfies never;
    }
  }

  /** What ran before answers everything at once, by weight; at the next look it serves alone, which takes longer. */
  async function endShare(deployment: Deployment, described: DescribedEndpoint): Promise<void> {
    const { promotion, target, previous } = deployment;
    if (shareOf(promotion, described) > 0) return weigh(client, deployment, described, 0);
    if (previous !== undefined) await serveConfig(client, target.endpoint, previous);
  }

  async function serve(order: Order & Pick<ApprovedOrder, "conditions">, release: Release): Promise<void> {
    const {
      promotion,
      target: { endpoint },
      conditions,
    } = order;
    if (release.kind === "first")
      await client.send(new CreateEndpointCommand({ EndpointName: endpoint, EndpointConfigName: promotion }));
    else
      await update(endpoint, promotion, {
        fits: (instances) => conditions?.traffic === undefined || isHeldBy(release, instances),
        config: (instances) => deploymentConfig({ ...order, release }, instances),
      });
  }

  /** Lets the endpoint serve another configuration, on no fewer instances than somebody, or a scaling policy, gave it. */
  async function update(
    endpoint: string,
    configName: string,
    how: {
      readonly fits?: (instances: number) => boolean;
      readonly config?: (instances: number | undefined) => DeploymentConfig | undefined;
    } = {},
  ): Promise<void> {
    const kept = await keptInstances(client, endpoint, configName);
    const instances = kept === undefined || how.fits?.(kept) === false ? undefined : kept;
    const config = how.config?.(instances);
    try {
      await client.send(
        new UpdateEndpointCommand({
          EndpointName: endpoint,
          EndpointConfigName: configName,
          ...(instances === undefined ? {} : retainInstances),
          ...(config === undefined ? {} : { DeploymentConfig: config }),
        }),
      );
    } catch (error) {
      if (!isScaled(error)) throw error;
      throw new Failure(
        "deployment-refused",
        `SageMaker does not update the endpoint '${endpoint}' while its variant is registered for auto scaling. Deregister it from Application Auto Scaling first, and register it again afterwards: ${error.message}`,
        { cause: error },
      );
    }
  }
}
