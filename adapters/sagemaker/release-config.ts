import type { DeploymentConfig } from "@aws-sdk/client-sagemaker";
import type { MetricAlarm } from "../../core/deployment/alarms.ts";
import type { Deployment } from "../../core/deployment/deployment-target.ts";
import { alarmNamesOf as namesOf, type OwnAlarm, ownAlarmsOf } from "../../core/deployment/own-alarms.ts";
import { longestSeconds } from "../../core/deployment/release.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { Target } from "../../core/promotion/target.ts";
import type { Release, ShiftedTraffic } from "../../core/promotion/traffic.ts";
import { variantNameOf } from "./variant.ts";

type Released = Pick<Deployment, "promotion" | "release" | "target">;

/** Names of the alarms that a release is watched by. */
export function alarmNamesOf({ promotion, release }: Released): readonly string[] {
  return namesOf(promotion, release);
}

/** Those among them that are somebody else's. */
export function namedAlarms({ release: { alarms } }: Released): readonly string[] {
  return alarms?.kind === "named" ? alarms.names : [];
}

/** Names of those that are made for the release. */
export function ownAlarmNames({ promotion, release }: Released): readonly string[] {
  return ownAlarmsOf(promotion, release).map(({ name }) => name);
}

/**
 * The alarms that are made for a release: over the new model alone, so that an ailing old one does not raise them. By
 * weights it answers as a variant beside the old one first.
 */
export function ownAlarms({ promotion, target, release }: Released): readonly MetricAlarm[] {
  return ownAlarmsOf(promotion, release).map((alarm) => ({
    ...watchedFor(alarm, promotion),
    name: alarm.name,
    namespace: "AWS/SageMaker",
    dimensions: measuredOver(alarm, promotion, target),
    periodSeconds: 60,
  }));
}

function measuredOver({ beside }: OwnAlarm, promotion: PromotionId, target: Target): MetricAlarm["dimensions"] {
  const { endpoint } = target;
  // Of an inference component SageMaker measures all copies together, old and new (monitoring-cloudwatch.html).
  if (target.kind === "sagemaker-inference-component") return { InferenceComponentName: endpoint };
  if (beside) return { EndpointName: endpoint, VariantName: promotion };
  const variant = { EndpointName: endpoint, VariantName: variantNameIn(promotion, target) };
  // CloudWatch has these metrics for each configuration as well: deployment-guardrails-configuration.html
  return variant.VariantName === promotion ? variant : { ...variant, EndpointConfigName: promotion };
}

function watchedFor(
  { bound, limit }: OwnAlarm,
  promotion: PromotionId,
): Pick<MetricAlarm, "description" | "metric" | "statistic" | "threshold"> {
  switch (bound) {
    case "errorPercent":
      return {
        description: `Countersign: takes ${promotion} back when it answers with too many errors.`,
        metric: "Invocation5XXErrors",
        // One for each answer that is an error, nought for each that is none: the average is their share.
        statistic: "Average",
        threshold: limit / 100,
      };
    case "p95Milliseconds":
      return {
        description: `Countersign: takes ${promotion} back when it answers too slowly.`,
        metric: "ModelLatency",
        statistic: "p95",
        // In microseconds.
        threshold: limit * 1000,
      };
    default:
      return bound satisfies never;
  }
}

function variantNameIn(promotion: PromotionId, target: Target): string {
  return variantNameOf(promotion, requireKind(target, "sagemaker-endpoint"));
}

/**
 * What `UpdateEndpoint` is told of a release; nothing where it is plain, or where we watch it ourselves: by weights, and
 * serverless, of which SageMaker shifts and watches nothing. `instances`: how many there will be, where they are not the target's.
 */
export function deploymentConfig(released: Released, instances?: number): DeploymentConfig | undefined {
  const { release, target } = released;
  const { traffic } = release;
  if (traffic.kind === "weights" || requireKind(target, "sagemaker-endpoint").serverless !== undefined)
    return undefined;
  if (traffic.kind === "rolling") throw new Failure("internal", "An endpoint is not released in batches of copies.");
  const alarms = alarmNamesOf(released);
  if (traffic.kind === "all-at-once" && traffic.waitSeconds === 0 && alarms.length === 0) return undefined;
  return {
    BlueGreenUpdatePolicy: {
      TrafficRoutingConfiguration: routingOf(traffic, instances),
      // The wait after the last step: until then the old instances are there to go back to.
      TerminationWaitInSeconds: traffic.waitSeconds,
      // Not below 600, the least that SageMaker takes.
      MaximumExecutionTimeoutInSeconds: longestSeconds(release),
    },
    ...rollbackOn(alarms),
  };
}

/** The alarms on which SageMaker takes an update back by itself. */
export function rollbackOn(alarms: readonly string[]): Pick<DeploymentConfig, "AutoRollbackConfiguration"> {
  return alarms.length === 0
    ? {}
    : { AutoRollbackConfiguration: { Alarms: alarms.map((AlarmName) => ({ AlarmName })) } };
}

function routingOf(traffic: ShiftedTraffic, instances: number | undefined) {
  const size = (percent: number) => ({ Type: "CAPACITY_PERCENT", Value: percent }) as const;
  switch (traffic.kind) {
    case "all-at-once":
      return { Type: "ALL_AT_ONCE", WaitIntervalInSeconds: 0 } as const;
    case "canary":
      return {
        Type: "CANARY",
        CanarySize: size(partOf(traffic.percent, instances)),
        WaitIntervalInSeconds: traffic.waitSeconds,
      } as const;
    case "linear":
      return {
        Type: "LINEAR",
        LinearStepSize: size(traffic.percent),
        WaitIntervalInSeconds: traffic.waitSeconds,
      } as const;
    default:
      return traffic satisfies never;
  }
}

/** The first part of more instances than the target's: it is no larger than was signed, however SageMaker rounds. */
function partOf(percent: number, instances = 0): number {
  const whole = Math.floor((percent * instances) / 100);
  return whole === 0 ? percent : Math.floor((100 * whole) / instances);
}

/** Whether so many instances hold the part that comes over first. Steps that are made smaller would be more, and take longer than was signed. */
export function isHeldBy({ traffic }: Release, instances: number): boolean {
  return traffic.kind !== "linear" || Number.isInteger((traffic.percent * instances) / 100);
}
