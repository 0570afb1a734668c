import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { FrozenEvidence } from "./freeze-manifest.ts";
import type { Target } from "./target.ts";

/** Where a model's answer says what it says; JSON pointers (RFC 6901). */
export interface AnswerPlaces {
  /** To the list of answers of a request with several rows; absent: the whole is one answer. */
  readonly list?: string;
  /** To the score within one answer; absent: the answer itself is the score. */
  readonly score?: string;
  /** To the decision within one answer. */
  readonly decision?: string;
  /** Where no decision is named: a score from here on is one decision, and below it the other. */
  readonly threshold?: number;
}

/** Whether somebody keeps what both models answer there, so that it can be compared. */
export function isCaptured(
  target: Pick<Target, "kind"> & { readonly mirror?: { readonly captures?: string } },
): boolean {
  return target.kind === "sagemaker-endpoint" || target.mirror?.captures !== undefined;
}

/**
 * How a candidate runs in shadow before people are asked: it gets the requests that what runs now answers, and nobody
 * hears its own answers.
 */
export interface ShadowPlan {
  /** It runs no shorter than this, and until both have answered so many requests. */
  readonly durationSeconds: number;
  readonly requests: number;
  /** Then it is over, whatever came. */
  readonly withinSeconds: number;
  /** The least share of answers in which both decide the same. */
  readonly agreement?: number;
  /** Of 100 requests, how many the candidate may leave without an answer. */
  readonly errorPercent?: number;
  /** 95 of 100 requests are answered within this time. */
  readonly p95Milliseconds?: number;
  /** The most that the distribution of scores may have shifted (population stability index). */
  readonly psi?: number;
  readonly answers?: AnswerPlaces;
  /** Where there is nothing to compare it with, the candidate is blocked; absent: it goes on, and its record says so. */
  readonly required?: true;
}

/** A run in shadow, from the moment before the target is touched. */
export interface ShadowRun {
  /** Digest of the plan that it follows. */
  readonly plan: Sha256;
  readonly askedAt: Instant;
  /** The target's own name for what answers meanwhile; absent where nothing does, and then there is nothing to run beside. */
  readonly beside?: string;
  /** Since when it gets requests. */
  readonly since?: Instant;
  /** When it was enough. */
  readonly endedAt?: Instant;
  /** What it came to, once it is known. */
  readonly evidence?: FrozenEvidence;
}

/** What the target measured of one of the two models while both ran. */
export interface VariantMeasures {
  readonly invocations: number;
  readonly errors4xx: number;
  readonly errors5xx: number;
  /** Absent where nothing was answered. */
  readonly latencyP50Milliseconds?: number;
  readonly latencyP95Milliseconds?: number;
}

/** What the report of a run is called; no request can call a file so. */
export const shadowReportName = "_shadow-run.json";
/** What both models answered, as far as the report is made of it. */
export const shadowObservationsName = "shadow-observations.json";

/** The most requests that are compared, so that a busy endpoint can be read at all. */
export const mostCompared = 20_000;

export function shadowPlanDigest(plan: ShadowPlan): Sha256 {
  return sha256Hex(canonicalJsonBytes(plan));
}

/** The run that counts under a plan: one under another plan says nothing that was asked for. */
export function runUnder(plan: ShadowPlan | undefined, shadow: ShadowRun | undefined): ShadowRun | undefined {
  return plan !== undefined && shadow?.plan === shadowPlanDigest(plan) ? shadow : undefined;
}

/**
 * Whether people may be asked, as far as the run in shadow goes: none is asked for, the gates have judged its report, or
 * there was nothing to run beside and the plan puts up with that.
 */
export function shadowSettled(
  plan: ShadowPlan | undefined,
  { shadow, gates }: { readonly shadow?: ShadowRun; readonly gates?: { readonly shadowRun?: Sha256 } },
): boolean {
  if (plan === undefined) return true;
  const run = runUnder(plan, shadow);
  if (run === undefined) return false;
  if (run.beside === undefined) return plan.required !== true;
  return run.evidence !== undefined && gates?.shadowRun === run.evidence.sha256;
}
