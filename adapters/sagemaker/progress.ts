import type { AlarmKeeper, AlarmReading } from "../../core/deployment/alarms.ts";
import type { Deployment, DeploymentEvidence, Progress } from "../../core/deployment/deployment-target.ts";
import { requireKind } from "../../core/deployment/target-kind.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { DescribedEndpoint } from "./endpoint-state.ts";
import { namedAlarms, ownAlarms } from "./release-config.ts";
import { shareOf } from "./share.ts";
import { shareConfigName } from "./share-config.ts";
import { variantNameOf } from "./variant.ts";

/** How a deployment goes, judged by what SageMaker and the alarms say at this moment. */
export async function progressOf(
  deployment: Deployment,
  { state, evidence, weights, images }: DescribedEndpoint,
  ask: {
    readonly alarms: Pick<AlarmKeeper, "read">;
    /** Throws `deployment-refused` where what is staged, or what it answers beside, is another by now. */
    readonly requireStaged: () => Promise<void>;
    readonly requireShare: () => Promise<void>;
    /** What answers beside the candidate under a configuration. */
    readonly besideIn: (configName: string) => Promise<PromotionId | undefined>;
  },
): Promise<Progress> {
  const { promotion, previous, release } = deployment;
  const { endpoint } = deployment.target;
  const { readings, as, well } = await besideAlarms(deployment, evidence, ask.alarms);
  switch (state.kind) {
    case "absent":
      return previous === undefined
        ? as("returned", `The endpoint '${endpoint}' is gone; before, there was none either.`)
        : as("displaced", `The endpoint '${endpoint}' is gone: somebody removed it.`);
    case "busy":
      return as("under-way", `The endpoint '${endpoint}' is on its way (${state.stage}).`);
    case "failed":
      return as("broken", `The endpoint '${endpoint}' failed: ${withStop(state.why)}`);
    case "in-service":
      break;
    default:
      return state satisfies never;
  }
  if (state.configName === promotion) {
    const ill =
      illness(readings) ??
      (await alteration(ask.requireStaged)) ??
      otherImage(deployment, images[variantNameOf(promotion, requireKind(deployment.target, "sagemaker-endpoint"))]);
    return ill === undefined
      ? well("serving", `The endpoint '${endpoint}' serves the approved model.`)
      : as("unhealthy", ill);
  }
  if (state.configName === shareConfigName(promotion)) {
    if (release.traffic.kind !== "weights")
      return as("unhealthy", `The endpoint '${endpoint}' serves it beside another model: somebody changed it.`);
    const ill =
      illness(readings) ??
      (await alteration(ask.requireStaged)) ??
      (await alteration(ask.requireShare)) ??
      otherImage(deployment, images[promotion]);
    if (ill !== undefined) return as("unhealthy", ill);
    const percent = shareOf(promotion, { weights });
    const why = `The approved model answers ${percent} percent of the requests of the endpoint '${endpoint}'.`;
    return { ...well("sharing", why), percent };
  }
  if (state.configName === previous) {
    const because = state.why === undefined ? "." : `: ${withStop(state.why)}`;
    return as("returned", `The endpoint '${endpoint}' went back to the model before${because}`);
  }
  if ((await ask.besideIn(state.configName)) === promotion) {
    const ill = await alteration(ask.requireStaged);
    return ill === undefined
      ? as("sharing", `The approved model answers beside a newer candidate of the endpoint '${endpoint}'.`)
      : as("unhealthy", ill);
  }
  return as(
    "displaced",
    `The endpoint '${endpoint}' serves '${state.configName}', which is neither what was approved nor what ran before: somebody changed it.`,
  );
}

/**
 * What the alarms of a deployment say, and an answer that keeps it beside what SageMaker says. `well`: the answer of what nothing
 * speaks against, which stays under way until each alarm of its own was judged by CloudWatch at all. That nothing was asked of the
 * model does not keep it: such an alarm is quiet by what it was made as (`notBreaching`).
 */
export async function besideAlarms(
  deployment: Deployment,
  evidence: DeploymentEvidence,
  alarms: Pick<AlarmKeeper, "read">,
): Promise<{
  readonly readings: readonly AlarmReading[];
  readonly as: (kind: Progress["kind"], why: string) => Progress;
  readonly well: (kind: "serving" | "sharing", why: string) => Progress;
}> {
  const named = await alarms.read(namedAlarms(deployment), sinceWhen(deployment));
  // They are over the new model alone and for this release alone, so whenever one was raised, it was this release that raised it.
  const own = await alarms.read(ownAlarms(deployment), deployment.startedAt);
  const readings = [...named, ...own];
  const told: DeploymentEvidence = { ...evidence, alarms: readings.map((reading) => ({ ...reading })) };
  const as = (kind: Progress["kind"], why: string): Progress => ({ kind, why, evidence: told });
  const unjudged = own.find(({ state }) => state === "INSUFFICIENT_DATA");
  return {
    readings,
    as,
    well: (kind, why) =>
      unjudged === undefined
        ? as(kind, why)
        : as("under-way", `${why} CloudWatch has not judged the alarm '${unjudged.name}' yet.`),
  };
}

/**
 * A long release is looked at now and then: an alarm of somebody else's that was raised in between counts as well. SageMaker itself
 * watches all the time what it shifts.
 */
function sinceWhen({ release, startedAt }: Deployment): Deployment["startedAt"] {
  return release.traffic.kind === "weights" || release.watchSeconds !== undefined ? startedAt : undefined;
}

/** What the alarms say against what they watch; `undefined`: nothing. */
export function illness(readings: readonly AlarmReading[]): string | undefined {
  const raised = readings.find(({ state }) => state === "ALARM");
  if (raised !== undefined)
    return `The alarm '${raised.name}' is raised${raised.reason === undefined ? "." : `: ${withStop(raised.reason)}`}`;
  const before = readings.find(({ raisedAt }) => raisedAt !== undefined);
  if (before !== undefined) return `The alarm '${before.name}' was raised at ${before.raisedAt}, and is quiet again.`;
  const missing = readings.find(({ state }) => state === "missing");
  if (missing === undefined) return undefined;
  const how =
    missing.changed === undefined
      ? "is gone"
      : `is not the one that was made for the release ('${missing.changed}' is another; somebody changed it)`;
  return `The alarm '${missing.name}' ${how}, so nobody can tell whether the model is well.`;
}

/** How what serves differs from what was approved; `undefined`: it does not. */
export async function alteration(requireStaged: () => Promise<void>): Promise<string | undefined> {
  try {
    await requireStaged();
    return undefined;
  } catch (error) {
    if (error instanceof Failure && error.code === "deployment-refused") return error.message;
    throw error;
  }
}

/**
 * Whether another container answers than the one that was approved, whatever stands under its model's name now; `undefined`: it
 * does not, as far as SageMaker tells.
 */
function otherImage({ image, target: { endpoint } }: Deployment, deployed: readonly string[] = []): string | undefined {
  const digest = image.slice(image.lastIndexOf("@"));
  if (deployed.length === 0 || deployed.some((each) => each.endsWith(digest))) return undefined;
  return `The endpoint '${endpoint}' answers by another image than the approved one: somebody changed what it serves.`;
}

/** SageMaker's reasons come with a stop and without. */
export function withStop(reason: string): string {
  return `${reason.trim().replace(/\.$/, "")}.`;
}
