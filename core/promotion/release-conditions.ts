import * as v from "valibot";
import { durationWords } from "../encoding/policy-file.ts";

/** What can be said of a release beside how long it holds. */
export const conditionKinds = ["trafficPercent", "errorPercent", "p95Milliseconds"] as const;
export type ConditionKind = (typeof conditionKinds)[number];

/** What a condition is on, in words that follow "a condition". */
export const conditionKindTexts: Readonly<Record<ConditionKind, string>> = {
  trafficPercent: "on the share of traffic",
  errorPercent: "on errors",
  p95Milliseconds: "on the time of an answer",
};

/** What an approval may ask at most, in seconds, where the approval matrix says nothing. */
export const defaultLongestCondition = 7 * 86_400;

/**
 * What an approver asks of the release, for so many seconds from its beginning: that the new model gets no more than
 * this share of the traffic, and answers within these bounds. One of them at least is there.
 */
export interface ReleaseConditions {
  readonly forSeconds: number;
  readonly trafficPercent?: number;
  /** Of 100 answers, how many may be a server error. */
  readonly errorPercent?: number;
  /** 95 of 100 answers take no longer. */
  readonly p95Milliseconds?: number;
}

const seconds = (least: number) =>
  v.pipe(v.number(), v.safeInteger(), v.minValue(least, `must be ${least} or more`), v.maxValue(180 * 86_400));

export const releaseConditionsSchema = v.pipe(
  v.strictObject({
    forSeconds: seconds(60),
    trafficPercent: v.exactOptional(
      v.pipe(
        v.number(),
        v.safeInteger("must be a whole number"),
        v.minValue(1, "must be 1 or more"),
        // What is more is no first part, but most of it.
        v.maxValue(50, "must be 50 or less"),
      ),
    ),
    errorPercent: v.exactOptional(
      v.pipe(v.number(), v.gtValue(0, "must be above 0"), v.maxValue(100, "must be 100 or less")),
    ),
    p95Milliseconds: v.exactOptional(
      v.pipe(
        v.number(),
        v.safeInteger("must be a whole number"),
        v.minValue(1, "must be 1 or more"),
        v.maxValue(60_000, "must be 60,000 or less"),
      ),
    ),
  }),
  v.check(
    (conditions) => conditionKinds.some((kind) => conditions[kind] !== undefined),
    "must limit traffic, errors or the time of an answer",
  ),
);

/** The strictest of what several approvals ask. Traffic keeps a time of its own: who limits it says for how long. */
export interface ConditionsInForce {
  /** The bounds are watched for so long. */
  readonly forSeconds: number;
  readonly traffic?: { readonly percent: number; readonly forSeconds: number };
  readonly errorPercent?: number;
  readonly p95Milliseconds?: number;
}

export const conditionsInForceSchema = v.strictObject({
  forSeconds: seconds(60),
  traffic: v.exactOptional(
    v.strictObject({ percent: v.pipe(v.number(), v.minValue(1), v.maxValue(50)), forSeconds: seconds(60) }),
  ),
  errorPercent: v.exactOptional(v.pipe(v.number(), v.gtValue(0), v.maxValue(100))),
  p95Milliseconds: v.exactOptional(v.pipe(v.number(), v.minValue(1), v.maxValue(60_000))),
});

/** `undefined` where nobody asks anything. One more never loosens what is there, and their order does not matter. */
export function strictest(asked: readonly (ReleaseConditions | undefined)[]): ConditionsInForce | undefined {
  const stated = asked.filter((each) => each !== undefined);
  if (stated.length === 0) return undefined;
  const limited = stated.filter(({ trafficPercent }) => trafficPercent !== undefined);
  const percent = least(limited.map(({ trafficPercent }) => trafficPercent));
  const errorPercent = least(stated.map((each) => each.errorPercent));
  const p95Milliseconds = least(stated.map((each) => each.p95Milliseconds));
  return {
    forSeconds: longest(stated),
    ...(percent === undefined ? {} : { traffic: { percent, forSeconds: longest(limited) } }),
    ...(errorPercent === undefined ? {} : { errorPercent }),
    ...(p95Milliseconds === undefined ? {} : { p95Milliseconds }),
  };
}

/** In words that follow "on condition that", as in "for 1 hour it gets at most 10 percent of the traffic". */
export function conditionsText(
  { forSeconds, trafficPercent, ...bounds }: ReleaseConditions,
  duration = durationWords,
): string {
  const traffic = trafficPercent === undefined ? {} : { traffic: { percent: trafficPercent, forSeconds } };
  return inForceText({ forSeconds, ...traffic, ...bounds }, duration);
}

/** The same for what is in force. */
export function inForceText(
  { forSeconds, traffic, errorPercent, p95Milliseconds }: ConditionsInForce,
  duration = durationWords,
): string {
  const own = [
    ...(errorPercent === undefined ? [] : [`at most ${errorPercent} percent of its answers are errors`]),
    ...(p95Milliseconds === undefined ? [] : [`95 of 100 answers take at most ${p95Milliseconds} ms`]),
  ];
  const bounds = own.join(" and ");
  if (traffic === undefined) return `for ${duration(forSeconds)} ${bounds}`;
  const share = `for ${duration(traffic.forSeconds)} it gets at most ${traffic.percent} percent of the traffic`;
  if (own.length === 0) return share;
  return traffic.forSeconds === forSeconds
    ? `${share} and ${bounds}`
    : `${share}, and for ${duration(forSeconds)} ${bounds}`;
}

function longest(stated: readonly ReleaseConditions[]): number {
  return Math.max(...stated.map(({ forSeconds }) => forSeconds));
}

function least(values: readonly (number | undefined)[]): number | undefined {
  const given = values.filter((value) => value !== undefined);
  return given.length === 0 ? undefined : Math.min(...given);
}
