import type { ArtifactRole, EvidenceKind } from "../promotion/freeze-manifest.ts";
import type { Severity } from "./facts.ts";

/** Where a number must lie, both ends included; at least one end is given. An alias: an interface would not be `Json`. */
export type Bound = {
  readonly min?: number;
  readonly max?: number;
};

/**
 * What the gates ask of one model type, in one target or in all. This is the policy's data (`data.thresholds`), and
 * part of the requirements that every sign-off carries the digest of. Plain JSON.
 */
export type GateThresholds = {
  readonly modelType: string;
  /** Absent: every target that has no rule of its own. */
  readonly target?: string;
  /** At least one artifact of each of these roles. */
  readonly artifacts: readonly ArtifactRole[];
  /** At least one document of each of these kinds, and all of that kind readable. */
  readonly evidence: readonly EvidenceKind[];
  /** By the metric's lower-case name. */
  readonly quality: Readonly<Record<string, Bound>>;
  /** By protected facet, then by metric. */
  readonly fairness: Readonly<Record<string, Readonly<Record<string, Bound>>>>;
  readonly data?: {
    readonly maximumViolations: number;
    /** Columns that may be flagged as personal; none, unless they are named. */
    readonly allowedPii: readonly string[];
  };
  /** The most findings of each severity. */
  readonly security: Readonly<Partial<Record<Severity, number>>>;
};

/** policies/thresholds.yaml. */
export interface Thresholds {
  readonly thresholdsVersion: 1;
  readonly rules: readonly GateThresholds[];
}

/** The rule for a model type in a target: the target's own before the one for all; undefined where there is none. */
export function thresholdsFor(thresholds: Thresholds, modelType: string, target: string): GateThresholds | undefined {
  const ofType = thresholds.rules.filter((rule) => rule.modelType === modelType);
  return ofType.find((rule) => rule.target === target) ?? ofType.find((rule) => rule.target === undefined);
}
