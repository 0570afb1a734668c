import * as v from "valibot";
import { canonicalJson, canonicalJsonBytes, parseCanonicalJson } from "../../encoding/canonical-json.ts";
import { type Instant, isInstant } from "../../encoding/instant.ts";
import { isSha256, type Sha256, sha256Hex } from "../../encoding/sha256.ts";
import { by } from "../../encoding/text-order.ts";
import { Failure } from "../../failure.ts";
import { isPromotionId, type PromotionId } from "../../promotion/promotion-id.ts";
import { mostCompared, type ShadowPlan, type VariantMeasures } from "../../promotion/shadow.ts";
import { type Answer, answersIn } from "./answers.ts";
import type { Capture } from "./captures.ts";
import { type Binning, stabilityIndex } from "./psi.ts";

/**
 * What a report is made of, kept beside it: no word of what was asked, only what both models made of it. `answers`: score
 * of what answers now, of the candidate, and whether both decided the same.
 */
export interface ShadowObservations {
  /** 2: nobody saw what was answered, so that there is nothing but what was measured. */
  readonly observationsVersion: 1 | 2;
  readonly promotion: PromotionId;
  /** Digest of the plan. */
  readonly plan: Sha256;
  readonly beside: string;
  readonly from: Instant;
  readonly until: Instant;
  readonly measured: { readonly champion: VariantMeasures; readonly candidate: VariantMeasures };
  readonly captured: { readonly champion: number; readonly candidate: number; readonly unreadable: number };
  /** Requests that both answered. */
  readonly compared: number;
  readonly answers: readonly (readonly [number | null, number | null, 0 | 1])[];
}

const count = v.pipe(v.number(), v.safeInteger(), v.minValue(0));
const measures = v.strictObject({
  invocations: count,
  errors4xx: count,
  errors5xx: count,
  latencyP50Milliseconds: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
  latencyP95Milliseconds: v.exactOptional(v.pipe(v.number(), v.minValue(0))),
});
const score = v.nullable(v.pipe(v.number(), v.finite()));
/** The form of `shadow-observations.json`. */
export const observationsSchema = v.strictObject({
  observationsVersion: v.picklist([1, 2]),
  promotion: v.custom<PromotionId>(isPromotionId),
  plan: v.custom<Sha256>(isSha256),
  beside: v.string(),
  from: v.custom<Instant>(isInstant),
  until: v.custom<Instant>(isInstant),
  measured: v.strictObject({ champion: measures, candidate: measures }),
  captured: v.strictObject({ champion: count, candidate: count, unreadable: count }),
  compared: count,
  answers: v.array(v.strictTuple([score, score, v.picklist([0, 1])])),
});

export function observationsBytes(observations: ShadowObservations): Uint8Array {
  return canonicalJsonBytes(observations);
}

/** Throws `pack-invalid` for bytes that are not the observations of a run. */
export function readObservations(bytes: Uint8Array): ShadowObservations {
  const document = parseCanonicalJson(bytes);
  const result = v.safeParse(observationsSchema, document?.value);
  if (document === undefined || !result.success)
    throw new Failure("pack-invalid", "The observations of the shadow run are not of the form that they have here.");
  return result.output;
}

/** The same request, asked of both; asked several times, in the order of the answers. At most as many as are compared. */
export function pairedAnswers(
  champion: readonly Capture[],
  candidate: readonly Capture[],
): readonly (readonly [Capture, Capture])[] {
  const inTime = (captures: readonly Capture[]) => captures.toSorted(by(({ at }) => at));
  const waiting = Map.groupBy(inTime(candidate), ({ request }) => request);
  return inTime(champion)
    .flatMap((answered): readonly (readonly [Capture, Capture])[] => {
      const other = waiting.get(answered.request)?.shift();
      return other === undefined ? [] : [[answered, other]];
    })
    .slice(0, mostCompared);
}

/** What both models made of the same requests. */
export function comparedAnswers(
  pairs: ReturnType<typeof pairedAnswers>,
  { answers: places }: Pick<ShadowPlan, "answers">,
): ShadowObservations["answers"] {
  return pairs.flatMap(([champion, candidate]) => {
    const [ones, others] = [answersIn(champion.answer, places) ?? [], answersIn(candidate.answer, places) ?? []];
    const rows = Math.max(ones.length, others.length, 1);
    return Array.from({ length: rows }, (_, row) => comparison(ones[row], others[row]));
  });
}

function comparison(one: Answer | undefined, other: Answer | undefined): ShadowObservations["answers"][number] {
  const same = one !== undefined && one.decision !== null && one.decision === other?.decision;
  return [one?.score ?? null, other?.score ?? null, same ? 1 : 0];
}

/** How a report reckons, by its `reportVersion`. */
interface Reckoning {
  readonly reportVersion: 1 | 2;
  readonly binning: Binning;
  /** How many of so many requests the candidate would have refused, had it done as what answers. */
  readonly refusedAlike: (champion: VariantMeasures, requests: number) => number;
}

const first: Reckoning = { reportVersion: 1, binning: "tenths", refusedAlike: ({ errors4xx }) => errors4xx };
/** The candidate may have got fewer requests than what answers. */
const second: Reckoning = {
  reportVersion: 2,
  binning: "common-scores-apart",
  refusedAlike: ({ errors4xx, invocations }, requests) =>
    invocations === 0 ? 0 : (errors4xx * requests) / invocations,
};

/**
 * The report of a run: named numbers as the reader of the kind `shadow-run` takes them. A number that cannot be told is
 * left out, and a rule about it then finds it missing. Follows from the observations alone. It is of the first version that says the same.
 */
export function shadowReportBytes(observations: ShadowObservations): Uint8Array {
  const before = metricsOf(observations, first);
  const now = metricsOf(observations, second);
  return canonicalJson(before) === canonicalJson(now)
    ? firstShadowReport(observations)
    : secondShadowReport(observations);
}

export function firstShadowReport(observations: ShadowObservations): Uint8Array {
  return reportOf(observations, first);
}

export function secondShadowReport(observations: ShadowObservations): Uint8Array {
  return reportOf(observations, second);
}

function reportOf(observations: ShadowObservations, reckoning: Reckoning): Uint8Array {
  const { promotion, plan, beside, from, until, measured, captured, answers } = observations;
  const { champion } = measured;
  return canonicalJsonBytes({
    reportVersion: reckoning.reportVersion,
    promotion,
    plan,
    beside,
    from,
    until,
    metrics: metricsOf(observations, reckoning),
    champion: {
      requests: champion.invocations,
      errors: champion.errors4xx + champion.errors5xx,
      ...latencies(champion),
    },
    answers: { compared: answers.length, scored: scoredIn(answers).length },
    captured,
    observations: sha256Hex(observationsBytes(observations)),
  });
}

function metricsOf(
  { observationsVersion, measured, compared, answers }: ShadowObservations,
  { binning, refusedAlike }: Reckoning,
): Readonly<Record<string, number>> {
  const { champion, candidate } = measured;
  const scored = scoredIn(answers);
  const [ones, others] = [scored.map(([one]) => one), scored.map(([, other]) => other)];
  const psi = scored.length === answers.length ? stabilityIndex(ones, others, binning) : undefined;
  const alike = refusedAlike(champion, candidate.invocations);
  return {
    requests: observationsVersion === 2 ? candidate.invocations : compared,
    ...(answers.length === 0
      ? {}
      : { agreement: rounded(answers.reduce((sum, [, , same]) => sum + same, 0) / answers.length) }),
    ...(candidate.invocations === 0 ? {} : { error_rate: rounded(unanswered(candidate, alike)) }),
    ...latencies(candidate),
    ...(psi === undefined ? {} : { psi: rounded(psi) }),
  };
}

function scoredIn(answers: ShadowObservations["answers"]): readonly (readonly [number, number])[] {
  return answers.flatMap(([one, other]): readonly (readonly [number, number])[] =>
    one === null || other === null ? [] : [[one, other]],
  );
}

/** A request that nobody could answer is not the candidate's fault: what it refuses counts where it refuses more of them. */
function unanswered({ invocations, errors4xx, errors5xx }: VariantMeasures, refusedAlike: number): number {
  return Math.min(1, (errors5xx + Math.max(0, errors4xx - refusedAlike)) / invocations);
}

function latencies({ latencyP50Milliseconds: p50, latencyP95Milliseconds: p95 }: VariantMeasures) {
  return {
    ...(p50 === undefined ? {} : { latency_p50_ms: rounded(p50) }),
    ...(p95 === undefined ? {} : { latency_p95_ms: rounded(p95) }),
  };
}

/** The last digits of a logarithm are not the same everywhere. */
function rounded(value: number): number {
  return Math.round(value * 1_000_000) / 1_000_000;
}
