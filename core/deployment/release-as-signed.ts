import { sameJson } from "../encoding/canonical-json.ts";
import type { Promotion } from "../promotion/promotion.ts";
import type { ConditionsInForce } from "../promotion/release-conditions.ts";
import { isHosted, type Target } from "../promotion/target.ts";
import {
  defaultWaitSeconds,
  type Release,
  type ReleaseAlarms,
  type RollingTraffic,
  type ShiftedTraffic,
  type Traffic,
  type WeightStep,
} from "../promotion/traffic.ts";
import { ownBoundsOf } from "./own-alarms.ts";

/**
 * Whether a candidate that was judged as an update finds nothing to take over from: somebody took it out, by a remedy of ours
 * or beside us. Then nothing is shifted and nothing watched, which is said by name. A pipeline's target tells of nothing that runs.
 */
export function isGone(
  { facts, manifest }: Pick<Promotion, "facts" | "manifest">,
  revision: string | undefined,
): boolean {
  return revision === undefined && facts?.release === "update" && manifest.target.kind !== "pipeline";
}

const atOnce: ShiftedTraffic = { kind: "all-at-once", waitSeconds: 0 };

/**
 * Where a release is less careful than the target says that was signed, in words that follow "the release"; asked of what
 * was recorded. More careful it may be: approvals have conditions.
 */
export function whyLessCareful(
  { kind, traffic, alarms, watchSeconds = 0 }: Release,
  target: Target,
): string | undefined {
  if (kind === "first")
    // There is nothing to take traffic from, and nothing that an alarm could go back to.
    return traffic.kind === "all-at-once"
      ? undefined
      : "was a first one, and is said to have left a part of the traffic elsewhere";
  const watched = isHosted(target) ? (target.watchSeconds ?? 0) : 0;
  if (watchSeconds < watched) return `was watched for ${watchSeconds} seconds, and ${watched} were signed`;
  return whyTrafficDiffers(traffic, target.traffic ?? atOnce) ?? whyAlarmsLack(alarms, target.alarms);
}

function whyTrafficDiffers(traffic: Traffic, signed: ShiftedTraffic | RollingTraffic): string | undefined {
  if (signed.kind === "rolling" || traffic.kind === "rolling")
    // Nothing makes it more careful: no copy holds a part of the requests.
    return sameJson(traffic, signed) ? undefined : "replaced copies otherwise than was signed";
  const steps = traffic.kind === "weights" ? traffic.steps : [partOf(traffic)];
  if (signed.kind !== "all-at-once") {
    if (traffic.kind !== signed.kind && traffic.kind !== "weights")
      return `let traffic come over '${traffic.kind}', and '${signed.kind}' was signed`;
    const first = steps[0]?.percent ?? 100;
    if (first > signed.percent)
      return `gave ${first} percent of the traffic at first, and ${signed.percent} were signed`;
  }
  const short = steps.find(({ waitSeconds }) => waitSeconds < signed.waitSeconds);
  return short === undefined
    ? undefined
    : `waited for ${short.waitSeconds} seconds, and ${signed.waitSeconds} were signed`;
}

/** Parts are added up in binary. */
const rounding = 1e-6;

/**
 * Where a release is none that anybody makes for the target, in words that follow "the release"; asked of what was recorded, which is no
 * less careful. It gives more of the requests step by step, in no larger steps and until all are its own, and waits no longer than the
 * target and the conditions ask: a wait without end would hide that its end was left out.
 */
export function whyNeverMade(
  { kind, traffic, watchSeconds = 0 }: Release,
  target: Target,
  conditions: ConditionsInForce | undefined,
): string | undefined {
  const signed = kind === "first" ? atOnce : (target.traffic ?? atOnce);
  const watched = isHosted(target) && kind !== "first" ? (target.watchSeconds ?? 0) : 0;
  if (watchSeconds > Math.max(watched, conditions?.forSeconds ?? 0))
    return `was watched for ${watchSeconds} seconds, which nobody asked for`;
  if (traffic.kind === "rolling" || signed.kind === "rolling") return undefined;
  const asked = conditions?.traffic;
  if (traffic.kind === "weights" && asked === undefined)
    return "gave parts of the requests by weight, which no condition asked for";
  const longest =
    asked === undefined ? signed.waitSeconds : Math.max(signed.waitSeconds, asked.forSeconds, defaultWaitSeconds);
  const steps = traffic.kind === "weights" ? traffic.steps : [partOf(traffic)];
  const long = steps.find(({ waitSeconds }) => waitSeconds > longest);
  if (long !== undefined) return `waited for ${long.waitSeconds} seconds, which nobody asked for`;
  return traffic.kind === "weights" ? whyStepsAreNone(traffic.steps, signed) : undefined;
}

function whyStepsAreNone(steps: readonly WeightStep[], signed: ShiftedTraffic): string | undefined {
  const parts = steps.map(({ percent }) => percent);
  const ends = signed.waitSeconds > 0 ? parts : [...parts, 100];
  const rises = ends.every((percent, at) => at === 0 || percent > (ends[at - 1] ?? 0));
  const largest = signed.kind === "linear" ? signed.percent : 100;
  const even = ends.every((percent, at) => at === 0 || percent - (ends[at - 1] ?? 0) <= largest + rounding);
  return rises && even && ends.at(-1) === 100
    ? undefined
    : `gave ${parts.join(", then ")} percent of the requests, which is not how they come over step by step`;
}

function partOf(traffic: ShiftedTraffic): { readonly percent: number; readonly waitSeconds: number } {
  return { percent: traffic.kind === "all-at-once" ? 100 : traffic.percent, waitSeconds: traffic.waitSeconds };
}

function whyAlarmsLack(alarms: ReleaseAlarms | undefined, signed: ReleaseAlarms | undefined): string | undefined {
  if (signed?.kind === "named") {
    const names = alarms?.kind === "named" ? alarms.names : [];
    const lacking = signed.names.find((name) => !names.includes(name));
    if (lacking !== undefined) return `was not watched by the alarm '${lacking}', which was signed`;
  }
  const [kept, asked] = [ownBoundsOf(alarms), ownBoundsOf(signed)];
  for (const bound of ["errorPercent", "p95Milliseconds"] as const) {
    const limit = asked[bound];
    if (limit !== undefined && (kept[bound] ?? Number.POSITIVE_INFINITY) > limit)
      return `had an alarm for '${bound}' at ${kept[bound] ?? "no bound"}, and ${limit} was signed`;
  }
  return undefined;
}
