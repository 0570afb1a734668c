import type { Instant } from "../encoding/instant.ts";
import type { ArtifactRole, EvidenceKind } from "../promotion/freeze-manifest.ts";
import type { MeasuredKind, Severity } from "./facts.ts";

/** Where a number must lie, both ends included; at least one end is given. An alias: an interface would not be `Json`. */
export type Bound = {
  readonly min?: number;
  readonly max?: number;
};

/** A bound for a measured value, and one for its whole confidence interval where that is asked for. */
export type MeasureBound = Bound & { readonly interval?: Bound };

export type MeasureBounds = Readonly<Record<string, MeasureBound>>;

/** How much worse than the champion's a metric may be; which direction is worse differs by metric. */
export type Slack = { readonly dropAtMost: number } | { readonly riseAtMost: number };

/** How much further from its ideal than in earlier releases a fairness metric may be. */
type FairnessSlack = { readonly ideal: number; readonly awayAtMost: number };

export type ChampionThresholds = {
  readonly quality: Readonly<Record<string, Slack>>;
  readonly fairness: Readonly<Record<string, Readonly<Record<string, FairnessSlack>>>>;
  /** With how many earlier releases fairness is compared, the champion being the first. */
  readonly releases: number;
};

export type InfrastructureThresholds = {
  /** The most of each. */
  readonly deletions?: number;
  readonly replacements?: number;
  readonly instances?: number;
  /** No resource that holds data is deleted or replaced. */
  readonly keepStateful?: true;
  /** No IAM policy allows every action, or any action on everything. */
  readonly noWildcards?: true;
  readonly instanceTypes?: readonly string[];
};

/** What a machine has, memory in GiB and over all accelerators. */
export type Machine = {
  readonly memoryGib: number;
  readonly accelerators: number;
  readonly acceleratorMemoryGib: number;
};

export type CapacityThresholds = {
  /** Memory that the model takes, in sizes of its file, beside `reserveGib` for what serves it. */
  readonly sizeFactor: number;
  readonly reserveGib: number;
  /** Whether the model card has to declare what the model needs; else a need that it declares counts where it is larger. */
  readonly declared: boolean;
  /** The target's machine, out of policies/instance-types.yaml; absent where that does not know it. */
  readonly machine?: Machine;
};

/** A rule, or a family of them, that reports and does not block until then; at that instant it blocks. */
export type DryRun = { readonly rule: string; readonly until: Instant };

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
  readonly quality: MeasureBounds;
  /** By protected facet, then by metric. */
  readonly fairness: Readonly<Record<string, MeasureBounds>>;
  readonly data?: {
    readonly maximumViolations: number;
    /** Columns that may be flagged as personal; none, unless they are named. */
    readonly allowedPii: readonly string[];
  };
  /** The most findings of each severity. */
  readonly security: Readonly<Partial<Record<Severity, number>>>;
  /** Bounds for what other kinds of evidence measure, by kind and name. */
  readonly measures?: Readonly<Partial<Record<MeasuredKind, MeasureBounds>>>;
  readonly infrastructure?: InfrastructureThresholds;
  /** Sections that a model card must fill, and the risks that it may state. */
  readonly modelCard?: { readonly sections: readonly string[]; readonly risks?: readonly string[] };
  readonly capacity?: CapacityThresholds;
  readonly champion?: ChampionThresholds;
  readonly dryRun?: readonly DryRun[];
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
