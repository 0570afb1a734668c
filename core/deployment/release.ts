import { durationWords } from "../encoding/policy-file.ts";
import { isHosted, type Target } from "../promotion/target.ts";
import {
  batchesOf,
  defaultWaitSeconds,
  longestUpdateSeconds,
  type OwnBounds,
  provisioningSeconds,
  type Release,
  type ReleaseAlarms,
  type ShiftedTraffic,
  type Traffic,
  type WeightStep,
  waitsOf,
} from "../promotion/traffic.ts";
import { ownBoundsOf } from "./own-alarms.ts";
import { queueSentence } from "./queue-sentence.ts";
import { weightedTraffic } from "./weights.ts";

/**
 * What an approval may ask for beside what the target does anyway; it can make a release more careful, never less.
 * Percent is the share of traffic of the first step.
 */
export type ReleaseLimits = OwnBounds & {
  readonly percent?: number;
  readonly waitSeconds?: number;
  readonly watchSeconds?: number;
  /** A part of the requests that the target itself cannot hold: so small, or for so long. */
  readonly share?: { readonly percent: number; readonly forSeconds: number };
};

const atOnce: ShiftedTraffic = { kind: "all-at-once", waitSeconds: 0 };

/** How a candidate is released in `target`, given whether something runs there and what its approval asks for. */
export function releaseFor(target: Target, running: "nothing" | "something", limits: ReleaseLimits = {}): Release {
  const watchSeconds = longer(running === "nothing" ? undefined : watchOf(target), limits.watchSeconds);
  const watched = watchSeconds === undefined ? {} : { watchSeconds };
  // What the target's own alarms would go back to is not there; an approval's bounds are watched all the same.
  const alarms = narrowedAlarms(running === "nothing" ? undefined : target.alarms, limits);
  const guarded = { ...(alarms === undefined ? {} : { alarms }), ...watched };
  if (running === "nothing") return { kind: "first", traffic: atOnce, ...guarded };
  const own = target.traffic ?? atOnce;
  return { kind: "update", traffic: own.kind === "rolling" ? own : shiftedUnder(own, limits), ...guarded };
}

/**
 * How what was deployed before is put back: at once, and watched by no alarm. One that is raised by what is to go would
 * only keep it there.
 */
export function plainRelease(running: "nothing" | "something"): Release {
  return { kind: running === "nothing" ? "first" : "update", traffic: atOnce };
}

/** Says it to reviewers, so that nothing happens all at once without a word. */
export function releaseSentence({ kind, traffic, alarms, watchSeconds }: Release, target: Target): string {
  if (target.kind === "pipeline")
    return `The pipeline deploys it by itself, with a passport, and has ${durationWords(target.withinSeconds)} to say what came of it.`;
  if (target.kind === "webhook")
    return `Whoever takes the messages of '${target.name}' deploys it, and has ${durationWords(target.withinSeconds)} to say what came of it.`;
  const shifted = target.traffic !== undefined && target.traffic.kind !== "all-at-once";
  const open = isHosted(target) && target.network === "open" ? ` ${openSentence}` : "";
  const queued = queueSentence(target);
  const beside = `${queued === undefined ? "" : ` ${queued}`}${open}`;
  const watched = `${watchSeconds === undefined ? "" : ` It is watched for ${durationWords(watchSeconds)}.`}${beside}`;
  if (kind === "update")
    return `${trafficSentence(traffic)} ${alarmSentence(alarms)}${mixedSentence(alarms, target)}${watched}`;
  if (target.kind === "sagemaker-inference-component")
    return `It is not there yet, so nothing is replaced by the first release.${alarms === undefined ? "" : ` ${alarmSentence(alarms)}`}${watched}`;
  const first = shifted
    ? "Nothing runs there yet, so the first release takes all traffic at once; traffic is shifted from the next on."
    : "Nothing runs there yet; the first release takes all traffic at once.";
  return `${first}${alarms === undefined ? "" : ` ${alarmSentence(alarms)}`}${watched}`;
}

const openSentence = "Its container may reach the network.";

/** SageMaker measures a component as one, whichever model its copies have. */
function mixedSentence(alarms: ReleaseAlarms | undefined, { kind }: Target): string {
  const own = alarms?.kind === "own" || alarms?.own !== undefined;
  return own && kind === "sagemaker-inference-component"
    ? " What is measured is the answers of old and new copies together."
    : "";
}

/** Seconds after which an update that has not ended is stuck: it cannot be judged any more. */
export function longestSeconds({ traffic }: Release): number {
  const longest = waitsOf(traffic) + provisioningOf(traffic);
  return traffic.kind === "rolling" ? Math.min(longest, longestUpdateSeconds) : longest;
}

/** The same for going back, which no part of the traffic waits for. */
export function longestWayBack(release: Release): number {
  const { traffic } = release;
  return traffic.kind === "weights" ? provisioningOf(traffic) : longestSeconds(release);
}

/** By weights, instances are started twice: beside what ran before, and to serve alone. For a batch of copies, for each. */
function provisioningOf(traffic: Traffic): number {
  if (traffic.kind === "rolling") return batchesOf(traffic) * provisioningSeconds;
  return traffic.kind === "weights" ? 2 * provisioningSeconds : provisioningSeconds;
}

/** The same for a deployment with the time for which it is watched; where somebody else deploys, with the time that they have. */
export function overdueSeconds(release: Release, target: Target): number {
  // The target itself says when their time is over; this is for one that cannot be asked.
  const own = target.kind === "pipeline" || target.kind === "webhook" ? target.withinSeconds : 0;
  return own + Math.max(longestSeconds(release), (release.watchSeconds ?? 0) + provisioningSeconds);
}

/**
 * Seconds that a release takes at least: for which it is watched. How long a target that shifts traffic by itself held a part of
 * it is its own word; of one by weights each part has a record of its own.
 */
export function leastSeconds({ watchSeconds = 0 }: Release): number {
  return watchSeconds;
}

/** Every look at a release is nine events of its execution, which has 25,000: a long one is looked at less often. */
const looks = 600;
/** At its beginning, when most goes wrong, a release is looked at after a part of its age. */
const looksAtAge = 16;

/** Seconds between two looks at a release that is on its way and `age` seconds old: 800 looks at most, of 180 days. */
export function secondsBetweenLooks(release: Release, target: Target, least: number, age: number): number {
  const even = Math.ceil(overdueSeconds(release, target) / looks);
  return Math.min(secondsUntilNextLook(least, age), Math.max(least, even));
}

/** The same of what nobody can say how long it takes: some 200 looks of 180 days. */
export function secondsUntilNextLook(least: number, age: number, part = looksAtAge): number {
  return Math.max(least, Math.floor(age / part));
}

/** What people wait for in front of a terminal is noticed within a sixty-fourth of the time that it took: some 600 looks of 180 days. */
const looksAtAwaited = 64;

/** Seconds between two looks at what somebody else is to do before a deployment begins, and has been awaited for `age` seconds. */
export function secondsUntilAwaited(least: number, age: number): number {
  return secondsUntilNextLook(least, age, looksAtAwaited);
}

function narrowedTraffic(traffic: ShiftedTraffic, { percent, waitSeconds }: ReleaseLimits): Traffic {
  const wait = Math.max(traffic.waitSeconds, waitSeconds ?? 0);
  if (traffic.kind === "all-at-once") {
    if (percent === undefined) return { kind: "all-at-once", waitSeconds: wait };
    return { kind: "canary", percent, waitSeconds: wait === 0 ? defaultWaitSeconds : wait };
  }
  return { kind: traffic.kind, percent: Math.min(traffic.percent, percent ?? traffic.percent), waitSeconds: wait };
}

function narrowedAlarms(alarms: ReleaseAlarms | undefined, limits: ReleaseLimits): ReleaseAlarms | undefined {
  const own = alarms?.kind === "own" ? alarms : undefined;
  const errorPercent = smaller(own?.errorPercent, limits.errorPercent);
  const p95Milliseconds = smaller(own?.p95Milliseconds, limits.p95Milliseconds);
  const bounds: OwnBounds = {
    ...(errorPercent === undefined ? {} : { errorPercent }),
    ...(p95Milliseconds === undefined ? {} : { p95Milliseconds }),
  };
  const bounded = Object.keys(bounds).length > 0;
  if (alarms?.kind === "named") return bounded ? { kind: "named", names: alarms.names, own: bounds } : alarms;
  return bounded ? { kind: "own", ...bounds } : undefined;
}

/** For how long what is released in a target is watched by us, without anybody asking. */
function watchOf(target: Target): number | undefined {
  return isHosted(target) ? target.watchSeconds : undefined;
}

function shiftedUnder(own: ShiftedTraffic, limits: ReleaseLimits): Traffic {
  return limits.share === undefined ? narrowedTraffic(own, limits) : weightedTraffic(own, limits.share);
}

function longer(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? (a ?? b) : Math.max(a, b);
}

function smaller(a: number | undefined, b: number | undefined): number | undefined {
  if (a === undefined || b === undefined) return a ?? b;
  return Math.min(a, b);
}

function trafficSentence(traffic: Traffic): string {
  if (traffic.kind === "weights") return weightsSentence(traffic.steps);
  const wait = durationWords(traffic.waitSeconds);
  switch (traffic.kind) {
    case "all-at-once":
      return traffic.waitSeconds === 0
        ? "All traffic comes over at once."
        : `All traffic comes over at once; for ${wait} it can still go back by itself.`;
    case "canary":
      return `${traffic.percent} percent of the traffic comes over first; after ${wait} the rest, and ${wait} more until it is done.`;
    case "rolling":
      return `Its copies are replaced ${traffic.copies} of ${traffic.of} at a time, with ${wait} after each; a copy that was replaced gets its part of the requests.`;
    case "linear":
      return `Traffic comes over in steps of ${traffic.percent} percent, with ${wait} after each.`;
    default:
      return traffic satisfies never;
  }
}

function weightsSentence(steps: readonly WeightStep[]): string {
  const parts = steps.map(({ percent, waitSeconds }) => `${percent} percent for ${durationWords(waitSeconds)}`);
  return `By weight it gets ${parts.join(", then ")} of the requests, beside what runs now; then it is put in its place, and serves alone.`;
}

function alarmSentence(alarms: ReleaseAlarms | undefined): string {
  if (alarms === undefined) return "No alarm watches it, so nothing takes it back by itself.";
  const bounds = ownBoundsOf(alarms);
  const parts = [
    ...(alarms.kind === "named" ? [`one of these alarms is raised: ${alarms.names.join(", ")}`] : []),
    ...(bounds.errorPercent === undefined
      ? []
      : [`more than ${bounds.errorPercent} percent of its answers are errors`]),
    ...(bounds.p95Milliseconds === undefined
      ? []
      : [`it takes more than ${bounds.p95Milliseconds} ms for 95 of 100 answers`]),
  ];
  return `It is taken back when ${parts.join(", or ")}.`;
}
