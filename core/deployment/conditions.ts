import type { ApprovalRule } from "../approval/matrix.ts";
import { durationWords, list } from "../encoding/policy-file.ts";
import type { Promotion } from "../promotion/promotion.ts";
import {
  type ConditionsInForce,
  conditionKinds,
  conditionKindTexts,
  defaultLongestCondition,
  type ReleaseConditions,
  strictest,
} from "../promotion/release-conditions.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import { type InstancesTarget, isHosted, type Target } from "../promotion/target.ts";
import {
  longestUpdateSeconds,
  mostAlarms,
  provisioningSeconds,
  type Release,
  type Traffic,
  waitsOf,
} from "../promotion/traffic.ts";
import { whyNotKeptInCluster } from "./cluster-conditions.ts";
import { type ReleaseLimits, releaseFor } from "./release.ts";
import { secondsUpTo } from "./weights.ts";

// https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_TrafficRoutingConfig.html and API_BlueGreenUpdatePolicy.html
const longestWait = 3600;
const smallestLinearStep = 10;

/** Why there is nothing of ours that could keep a condition. */
const elsewhere: Readonly<
  Record<Exclude<Target["kind"], "sagemaker-endpoint" | "sagemaker-inference-component" | "kubernetes">, string>
> = {
  pipeline: "the pipeline deploys by itself",
  webhook: "how traffic comes over, and what watches it, is for whoever takes its messages",
  policy: "policies come in force at once, and nothing of them is released",
};

/** The conditions in force over a promotion: those of the sign-offs that fill its seats, and of no other. */
export function conditionsOf(
  { settled, carried = [] }: Pick<Promotion, "settled" | "carried">,
  signOffs: readonly SignOff[],
): ConditionsInForce | undefined {
  const seats = new Set(settled.flatMap((stage) => stage.seats.map(({ signOff }) => signOff)));
  const given = [...signOffs, ...carried.map(({ signOff }) => signOff)];
  return strictest(given.filter(({ id }) => seats.has(id)).map(({ conditions }) => conditions));
}

/**
 * Why an approval with conditions is not taken, in words for the reviewer: the matrix does not let them be asked, or the
 * target could not keep them beside what others ask. `undefined`: it is, or asks nothing.
 */
export function whyConditionsRefused(
  { id, conditions }: Pick<SignOff, "id" | "conditions">,
  promotion: Promotion,
  rule: ApprovalRule,
  others: readonly SignOff[],
): string | undefined {
  if (conditions === undefined) return undefined;
  if (promotion.status === "loaned") return "It runs on loan: there is no release left that could keep conditions.";
  const fallen = new Set(promotion.invalidated.map(({ signOff }) => signOff));
  const beside = others.filter(
    (each) => each.id !== id && each.review === promotion.review && each.result === "approve" && !fallen.has(each.id),
  );
  const all = strictest([conditions, ...beside.map((each) => each.conditions)]);
  const { target } = promotion.manifest;
  const kind = stagedAs(promotion);
  return (
    whyNotAllowed(conditions, rule) ??
    (all === undefined
      ? undefined
      : (whyNotKept(all, target, kind) ?? whyNotHeld(all, target) ?? whyTooManyAlarms(all, target, kind)))
  );
}

/**
 * Why conditions of the sign-offs that a verdict rests on are no ground for it: the matrix lets nobody ask them, or the
 * release could not keep them. `runs`: the release of what runs on loan and is to stay.
 */
export function whyNotKeepable(
  promotion: Pick<Promotion, "manifest" | "history">,
  rule: ApprovalRule,
  counted: readonly SignOff[],
  runs?: Release,
): string | undefined {
  const conditions = strictest(counted.map((each) => each.conditions));
  if (conditions === undefined) return undefined;
  const refused = counted
    .map((each) => each.conditions && whyNotAllowed(each.conditions, rule))
    .find((why) => why !== undefined);
  if (refused !== undefined) return refused;
  if (runs === undefined) return whyNotKept(conditions, promotion.manifest.target, stagedAs(promotion));
  const bold = whyTooBold(conditions, runs);
  return bold === undefined ? undefined : `What runs on loan was not released under these conditions: it ${bold}.`;
}

/** How the candidate would be released, as it was told when it was staged last. */
export function stagedAs({ history }: Pick<Promotion, "history">): Release["kind"] {
  const release = history.findLast(({ type }) => type === "staged")?.body["release"];
  const kind = typeof release === "object" && release !== null && "kind" in release ? release["kind"] : undefined;
  return kind === "first" ? "first" : "update";
}

/** Why the approval matrix does not let an approver ask for this; `undefined`: it does. */
export function whyNotAllowed(
  conditions: ReleaseConditions,
  { conditions: limits }: Pick<ApprovalRule, "conditions">,
): string | undefined {
  if (limits === "forbidden") return "The approval matrix takes no approval with conditions here.";
  const { allowed = conditionKinds, maximumSeconds = defaultLongestCondition } = limits ?? {};
  const beyond = conditionKinds.find((kind) => conditions[kind] !== undefined && !allowed.includes(kind));
  if (beyond !== undefined)
    return `The approval matrix takes no condition ${conditionKindTexts[beyond]} here; it takes those ${list(allowed.map((kind) => conditionKindTexts[kind]))}.`;
  if (conditions.forSeconds > maximumSeconds)
    return `The approval matrix takes conditions for ${durationWords(maximumSeconds)} at most, not for ${durationWords(conditions.forSeconds)}.`;
  return undefined;
}

/**
 * Why a target could not keep what an approval asks, so that nobody signs what is then not done. `kind`: of the release
 * as the candidate was staged, or as it begins.
 */
export function whyNotKept(conditions: ConditionsInForce, target: Target, kind: Release["kind"]): string | undefined {
  if (target.kind === "kubernetes") return whyNotKeptInCluster(conditions, target, kind);
  if (!isHosted(target)) return `The target '${target.name}' cannot keep conditions: ${elsewhere[target.kind]}.`;
  const { traffic } = conditions;
  if (traffic === undefined) return undefined;
  const cannot = (why: string) =>
    `The target '${target.name}' cannot keep the condition on the share of traffic: ${why}`;
  if (target.kind === "sagemaker-inference-component")
    return cannot(
      "copies of an inference component are replaced one batch after the other, and none of them holds a part of the traffic.",
    );
  if (kind === "first") return cannot("nothing runs there yet, so the first release takes all traffic at once.");
  if (target.serverless !== undefined)
    return cannot("SageMaker moves all traffic of a serverless endpoint at once, and gives it one variant only.");
  if (target.instanceType.startsWith("ml.inf1."))
    return cannot("on Inf1 instances SageMaker shifts all traffic at once.");
  return undefined;
}

/**
 * Why SageMaker would refuse an update that heeds the bounds of an approval beside the alarms that a target names. Asked of what
 * is to come, and not of verdicts: some were signed before anybody counted.
 */
export function whyTooManyAlarms(
  conditions: ConditionsInForce,
  target: Target,
  kind: Release["kind"],
): string | undefined {
  // Nobody counts for SageMaker where it watches nothing: on its first release, serverless, and by weights.
  if (kind === "first" || !isHosted(target) || ("serverless" in target && target.serverless !== undefined))
    return undefined;
  const { alarms, traffic } = releaseFor(target, "something", limitsOf(conditions, target));
  if (alarms?.kind !== "named" || traffic.kind === "weights") return undefined;
  const bounds = Object.keys(alarms.own ?? {}).length;
  return alarms.names.length + bounds <= mostAlarms
    ? undefined
    : `The target '${target.name}' cannot keep conditions on ${bounds === 1 ? "errors or the time of an answer" : "both errors and the time of an answer"}: it names ${alarms.names.length} alarms, and SageMaker heeds ${mostAlarms} at most, those for conditions among them.`;
}

/**
 * Why an asynchronous endpoint could not hold a part of the traffic as an approval asks: it has one variant (https://github.com/aws/aws-cdk-rfcs/pull/433),
 * so there is no part by weight. Asked of what is to come, as the number of alarms is.
 */
export function whyNotHeld({ traffic }: ConditionsInForce, target: Target): string | undefined {
  if (traffic === undefined || target.kind !== "sagemaker-endpoint" || target.asynchronous === undefined)
    return undefined;
  if (shiftedPart(traffic, target) !== undefined) return undefined;
  return `The target '${target.name}' cannot keep the condition on the share of traffic: an asynchronous endpoint has one variant, and SageMaker shifts whole ones of its ${target.instanceCount} instances, each part for an hour at most.`;
}

/** What a release is narrowed by: SageMaker's own canary where that can hold the part of the traffic, else weights. */
export function limitsOf(conditions: ConditionsInForce | undefined, target: Target): ReleaseLimits {
  if (conditions === undefined) return {};
  const { forSeconds, traffic, errorPercent, p95Milliseconds } = conditions;
  return {
    watchSeconds: forSeconds,
    ...(traffic === undefined ? {} : (shiftedPart(traffic, target) ?? { share: traffic })),
    ...(errorPercent === undefined ? {} : { errorPercent }),
    ...(p95Milliseconds === undefined ? {} : { p95Milliseconds }),
  };
}

/** Where a release is not as careful as the conditions ask, in words that follow "the release"; asked of what was recorded. */
export function whyTooBold(
  conditions: ConditionsInForce,
  { traffic, alarms, watchSeconds = 0 }: Release,
): string | undefined {
  const asked = conditions.traffic;
  if (asked !== undefined) {
    const share = firstPart(traffic);
    if (share > asked.percent)
      return `gave ${share} percent of the traffic to the new model at once, and ${asked.percent} was the condition`;
    const held = traffic.kind === "weights" ? secondsUpTo(traffic.steps, asked.percent) : traffic.waitSeconds;
    if (held < asked.forSeconds)
      return `held its first part for ${durationWords(held)}, and ${durationWords(asked.forSeconds)} was the condition`;
  }
  if (watchSeconds < conditions.forSeconds)
    return `was watched for ${durationWords(watchSeconds)}, and ${durationWords(conditions.forSeconds)} was the condition`;
  const own = alarms?.kind === "own" ? alarms : alarms?.own;
  for (const bound of ["errorPercent", "p95Milliseconds"] as const) {
    const limit = conditions[bound];
    if (limit !== undefined && (own?.[bound] ?? Number.POSITIVE_INFINITY) > limit)
      return `had no alarm for the condition ${conditionKindTexts[bound]}`;
  }
  return undefined;
}

function firstPart(traffic: Traffic): number {
  switch (traffic.kind) {
    case "all-at-once":
    // What a batch of copies gets of the requests is for whoever deals them out.
    case "rolling":
      return 100;
    case "canary":
    case "linear":
      return traffic.percent;
    case "weights":
      return traffic.steps[0]?.percent ?? 100;
    default:
      return traffic satisfies never;
  }
}

/** How the target itself holds a part of the traffic for the time that is asked for; `undefined` where SageMaker does not. */
function shiftedPart(
  { percent, forSeconds }: NonNullable<ConditionsInForce["traffic"]>,
  target: Target,
): Pick<ReleaseLimits, "percent" | "waitSeconds"> | undefined {
  // KServe holds a part until it is told the next one.
  if (target.kind === "kubernetes" && target.workload === "inference-service") return undefined;
  // Elsewhere whoever keeps the condition does so for any time.
  if (target.kind !== "sagemaker-endpoint" || target.serverless !== undefined)
    return { percent, waitSeconds: forSeconds };
  const part = partOf(percent, target);
  if (part === undefined || forSeconds > longestWait) return undefined;
  const limits = { percent: part, waitSeconds: forSeconds };
  const { traffic } = releaseFor(target, "something", limits);
  if (traffic.kind === "linear" && traffic.percent < smallestLinearStep) return undefined;
  return waitsOf(traffic) + provisioningSeconds > longestUpdateSeconds ? undefined : limits;
}

/**
 * The share that is asked of SageMaker so that the traffic stays at or below `percent` however it rounds: it shifts whole
 * instances, and gives one at least. `undefined` where that is too much, or there is but one.
 */
function partOf(percent: number, { instanceCount }: InstancesTarget): number | undefined {
  const instances = Math.floor((percent * instanceCount) / 100);
  return instances === 0 || instanceCount < 2 ? undefined : Math.floor((100 * instances) / instanceCount);
}
