import type { FreezeManifest, FrozenEvidence } from "../../promotion/freeze-manifest.ts";
import { runUnder, type ShadowPlan, type ShadowRun } from "../../promotion/shadow.ts";
import type { GateThresholds, MeasureBound, MeasureBounds } from "../thresholds.ts";

/** What the gates judge a candidate by where a run in shadow is asked for: before it nothing of it, and then all. */
export interface JudgedInShadow {
  readonly thresholds: GateThresholds | undefined;
  /** Evidence beside that of the freeze manifest. */
  readonly added: readonly FrozenEvidence[];
}

/**
 * Thresholds and evidence of a promotion under a plan. Until the run is over, nothing is asked of a report that nobody
 * can have yet; one that the pipeline gave itself is judged all the same.
 */
export function judgedInShadow(
  thresholds: GateThresholds | undefined,
  plan: ShadowPlan | undefined,
  { manifest, shadow }: { readonly manifest: Pick<FreezeManifest, "evidence">; readonly shadow?: ShadowRun },
): JudgedInShadow {
  if (plan === undefined || thresholds === undefined) return { thresholds, added: [] };
  const evidence = runUnder(plan, shadow)?.evidence;
  if (evidence !== undefined) return { thresholds: withBounds(thresholds, plan), added: [evidence] };
  const given = manifest.evidence.some(({ kind }) => kind === "shadow-run");
  return { thresholds: given ? thresholds : withoutRun(thresholds), added: [] };
}

function withoutRun(thresholds: GateThresholds): GateThresholds {
  const { "shadow-run": _, ...measures } = thresholds.measures ?? {};
  return {
    ...thresholds,
    evidence: thresholds.evidence.filter((kind) => kind !== "shadow-run"),
    ...(thresholds.measures === undefined ? {} : { measures }),
  };
}

function withBounds(thresholds: GateThresholds, plan: ShadowPlan): GateThresholds {
  const asked = thresholds.measures?.["shadow-run"] ?? {};
  const bounds = boundsOf(plan);
  return {
    ...thresholds,
    evidence: [...new Set([...thresholds.evidence, "shadow-run" as const])],
    measures: {
      ...thresholds.measures,
      "shadow-run": Object.fromEntries(
        [...new Set([...Object.keys(asked), ...Object.keys(bounds)])].map((name) => [
          name,
          stricter(asked[name], bounds[name]),
        ]),
      ),
    },
  };
}

function boundsOf({ requests, agreement, errorPercent, p95Milliseconds, psi }: ShadowPlan): MeasureBounds {
  return {
    requests: { min: requests },
    ...(agreement === undefined ? {} : { agreement: { min: agreement } }),
    ...(errorPercent === undefined ? {} : { error_rate: { max: errorPercent / 100 } }),
    ...(p95Milliseconds === undefined ? {} : { latency_p95_ms: { max: p95Milliseconds } }),
    ...(psi === undefined ? {} : { psi: { max: psi } }),
  };
}

/** Matrix and thresholds may both ask: neither loosens what the other does. */
function stricter(one: MeasureBound = {}, other: MeasureBound = {}): MeasureBound {
  const least = Math.max(one.min ?? Number.NEGATIVE_INFINITY, other.min ?? Number.NEGATIVE_INFINITY);
  const most = Math.min(one.max ?? Number.POSITIVE_INFINITY, other.max ?? Number.POSITIVE_INFINITY);
  return {
    ...one,
    ...(Number.isFinite(least) ? { min: least } : {}),
    ...(Number.isFinite(most) ? { max: most } : {}),
  };
}
