import { addSeconds, type Instant, msOfInstant } from "../encoding/instant.ts";
import type { Fact } from "../promotion/fact.ts";
import type { Release, ShiftedTraffic, Traffic, WeightStep } from "../promotion/traffic.ts";

/** A part of the requests that a release by weights was seen to have, and since when. */
export interface HeldShare {
  readonly percent: number;
  readonly since: Instant;
}

/** What follows from the part that it is seen to have now. */
export type ShareStanding =
  /** It came to this part since it was looked at last. */
  | { readonly kind: "new" }
  | { readonly kind: "held"; readonly secondsLeft: number }
  /** The part was held for its time: it gets the next one, or all there is. */
  | { readonly kind: "due"; readonly to: number | "all" }
  | { readonly kind: "altered"; readonly why: string };

/**
 * A release that holds `share` for its time, and then goes on as the target itself would: at once, or in its steps. All
 * of the requests are held by weight as long as the target would keep its old instances.
 */
export function weightedTraffic(
  own: ShiftedTraffic,
  share: { readonly percent: number; readonly forSeconds: number },
): Traffic {
  const { waitSeconds } = own;
  const first = own.kind === "all-at-once" ? share.percent : Math.min(share.percent, own.percent);
  const steps: WeightStep[] = [{ percent: first, waitSeconds: Math.max(share.forSeconds, waitSeconds) }];
  if (own.kind === "linear")
    for (let percent = first + own.percent; percent < 100; percent += own.percent) steps.push({ percent, waitSeconds });
  if (waitSeconds > 0) steps.push({ percent: 100, waitSeconds });
  return { kind: "weights", steps };
}

/** The part that the present release was seen to have last, by its records; `undefined` where none is told yet. */
export function heldShare(history: readonly Pick<Fact, "type" | "at" | "body">[]): HeldShare | undefined {
  const begun = history.findLastIndex(({ type }) => type === "deployment-started");
  const told = history.slice(begun + 1).findLast(({ type }) => type === "traffic-shifted");
  const percent = told?.body["percent"];
  return told === undefined || typeof percent !== "number" ? undefined : { percent, since: told.at };
}

/** When the present release was first seen to answer a part of the requests, by its records. */
export function firstShared(history: readonly Pick<Fact, "type" | "at">[]): Instant | undefined {
  const begun = history.findLastIndex(({ type }) => type === "deployment-started");
  return history.slice(begun + 1).find(({ type }) => type === "traffic-shifted")?.at;
}

/** Judges the part that is seen at `now` by what was told before. */
export function standingOf(
  steps: readonly WeightStep[],
  held: HeldShare | undefined,
  seen: number,
  now: Instant,
): ShareStanding {
  const index = indexOf(steps, held);
  const step = steps[index];
  const next = steps[index + 1];
  const left = step === undefined ? 0 : secondsLeft(step, held, now);
  if (seen === next?.percent && left <= 0) return { kind: "new" };
  if (step === undefined || seen !== step.percent)
    return {
      kind: "altered",
      why: `It gets ${seen} percent of the requests, and was given ${(step ?? next)?.percent ?? 0}: somebody changed the weights.`,
    };
  if (left > 0) return { kind: "held", secondsLeft: left };
  return { kind: "due", to: next?.percent ?? "all" };
}

/** Why all requests are not its own yet; `undefined`: every part was held for its time, or none was to be. */
export function whyTooEarly({ traffic }: Pick<Release, "traffic">, held: HeldShare | undefined, now: Instant) {
  if (traffic.kind !== "weights") return undefined;
  const step = traffic.steps.at(-1);
  const over = step === undefined || (held?.percent === step.percent && secondsLeft(step, held, now) <= 0);
  return over
    ? undefined
    : "It gets all requests before the time of its part is over: somebody changed what the endpoint serves.";
}

/** Seconds for which a release holds no more than `percent` from its beginning on. */
export function secondsUpTo(steps: readonly WeightStep[], percent: number): number {
  const above = steps.findIndex((step) => step.percent > percent);
  return (above === -1 ? steps : steps.slice(0, above)).reduce((sum, { waitSeconds }) => sum + waitSeconds, 0);
}

/** -1 where nothing is told yet. */
function indexOf(steps: readonly WeightStep[], held: HeldShare | undefined): number {
  return steps.findIndex(({ percent }) => percent === held?.percent);
}

function secondsLeft({ waitSeconds }: WeightStep, held: HeldShare | undefined, now: Instant): number {
  if (held === undefined) return waitSeconds;
  return Math.ceil((msOfInstant(addSeconds(held.since, waitSeconds)) - msOfInstant(now)) / 1000);
}
