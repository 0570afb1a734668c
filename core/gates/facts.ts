import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { ArtifactRole, EvidenceKind, Model } from "../promotion/freeze-manifest.ts";
import type { Target } from "../promotion/target.ts";

/** A range in which a value lies with the given confidence, as the report states it. */
export interface Interval {
  readonly low: number;
  readonly high: number;
  /** Between 0 and 1, where the report says it. */
  readonly level?: number;
}

/** One number and where it was read: `<document>#<JSON pointer>`. */
interface Reading {
  readonly value: number;
  readonly where: string;
  readonly interval?: Interval;
}

/** A model-quality metric by its lower-case name: `auc`, `accuracy`, `f1`. */
export interface MetricReading extends Reading {
  readonly name: string;
}

/** A fairness metric of one group of a protected facet: facet `sex`, group `female`, metric `DPPL`. */
export interface FacetReading extends Reading {
  readonly facet: string;
  readonly group: string;
  readonly metric: string;
}

/** How many rows or columns break the data schema. */
export type SchemaReading = Reading;

/** The columns of the training data that are flagged as personal; an empty list is a statement, no list is a gap. */
export interface PiiReading {
  readonly columns: readonly string[];
  readonly where: string;
}

export const severities = ["critical", "high", "medium", "low"] as const;
export type Severity = (typeof severities)[number];

/** How many findings of one severity a scan reports; a severity that is not there is a gap, not zero. */
export interface ScanReading extends Reading {
  readonly severity: Severity;
}

/** What is measured about more than the model's quality: each of these kinds of evidence has measures by name. */
export const measuredKinds = ["unit-tests", "data-validation", "toxicity", "shadow-run", "model-card"] as const;
export type MeasuredKind = (typeof measuredKinds)[number];

/** One number of such a report: `failed` of the unit tests, `psi` of the shadow run, `memory_gib` of the model card. */
export interface MeasureReading extends Reading {
  readonly kind: MeasuredKind;
  readonly name: string;
}

export const changeActions = ["create", "update", "replace", "delete"] as const;
export type ChangeAction = (typeof changeActions)[number];

/** Machines that a planned resource stands for; null where the plan leaves open which or how many. */
export interface PlannedInstances {
  readonly type: string | null;
  readonly count: number | null;
}

/** One resource that an infrastructure plan changes. */
export interface ChangeReading {
  readonly address: string;
  /** As the tool names it: `aws_s3_bucket`, `AWS::S3::Bucket`. */
  readonly type: string;
  readonly action: ChangeAction;
  readonly where: string;
  readonly instances: readonly PlannedInstances[];
  /** The machines that it stands for now, where the plan tells. */
  readonly instancesBefore?: readonly PlannedInstances[];
  /** For a resource of IAM: what its policies allow, as `action on resource`; null where the plan does not say. */
  readonly allows: readonly string[] | null;
}

/** One infrastructure plan; without changes it is the statement that nothing changes. */
interface PlanReading {
  readonly where: string;
  readonly changes: readonly ChangeReading[];
}

/** Which sections of a model card say something, and how risky it calls the model. */
interface CardReading {
  readonly where: string;
  readonly sections: readonly string[];
  readonly risk: string | null;
}

/** How much one feature moves the model's answers, as a global (mean absolute) attribution. */
export interface Attribution {
  readonly feature: string;
  readonly value: number;
}

export interface CurvePoint {
  readonly precision: number;
  readonly recall: number;
  readonly threshold?: number;
}

/** Rows that the model gave similar probabilities: the mean of these, and the share that turned out positive. */
export interface CalibrationBin {
  readonly predicted: number;
  readonly observed: number;
  readonly count: number;
}

/** What a gap is about, so that the rule that needs it can be told. */
export type GapSubject =
  | readonly ["metric", string]
  | readonly ["facet", facet: string, metric: string]
  | readonly ["schema"]
  | readonly ["pii"]
  | readonly ["scan", string]
  | readonly ["measure", kind: string, name: string];

/** Something that a report should say and does not say in a form that can be judged: never replaced by a default. */
export interface Gap {
  readonly subject: GapSubject;
  readonly where: string;
  /** A clause: `is the text "NaN"`, `is absent`. */
  readonly why: string;
}

/** All that one evidence document says. */
export interface EvidenceFacts {
  readonly metrics?: readonly MetricReading[];
  readonly facets?: readonly FacetReading[];
  readonly schema?: readonly SchemaReading[];
  readonly pii?: readonly PiiReading[];
  readonly scans?: readonly ScanReading[];
  readonly measures?: readonly MeasureReading[];
  readonly plans?: readonly PlanReading[];
  readonly cards?: readonly CardReading[];
  readonly gaps?: readonly Gap[];
  readonly attributions?: readonly Attribution[];
  readonly curve?: readonly CurvePoint[];
  /** Where on the curve the model would answer: none or one. */
  readonly operatingPoints?: readonly CurvePoint[];
  readonly calibration?: readonly CalibrationBin[];
  /** What a change of the policies changes, each in a sentence. */
  readonly policyChanges?: readonly string[];
}

/** A file as it was declared and as its bytes turned out; `computed` is null where there are no bytes. */
interface CheckedFile {
  readonly name: string;
  readonly size: number;
  readonly declared: Sha256;
  readonly computed: Sha256 | null;
}

interface CheckedArtifact extends CheckedFile {
  readonly role: ArtifactRole;
}

export interface CheckedEvidence extends CheckedFile {
  readonly kind: EvidenceKind;
  readonly format: string;
  /** Whether the declared bytes are there and a reader made sense of them. */
  readonly readable: boolean;
  /** Why it is not readable, in a sentence, and where. */
  readonly problem?: { readonly where: string; readonly sentence: string };
}

/** What was measured of a release that a candidate is compared with. */
export interface EarlierRelease {
  readonly version: string;
  readonly freezeDigest: Sha256;
  readonly deployedAt: Instant;
  readonly metrics: readonly Pick<MetricReading, "name" | "value" | "where">[];
  readonly facets: readonly Pick<FacetReading, "facet" | "group" | "metric" | "value" | "where">[];
}

/** What the policy is given as input: everything that is known about the candidate, and nothing assumed. Plain JSON. */
export interface Facts {
  readonly factsVersion: 1;
  /** The moment of judging; what reports only until then is told from what blocks by it. */
  readonly now: Instant;
  /** The same in nanoseconds since 1970, for rules of an organisation that reckon with time as OPA does. */
  readonly now_ns: number;
  readonly model: Model;
  readonly target: Target;
  readonly artifacts: readonly CheckedArtifact[];
  readonly evidence: readonly CheckedEvidence[];
  readonly metrics: readonly MetricReading[];
  readonly facets: readonly FacetReading[];
  readonly schema: readonly SchemaReading[];
  readonly pii: readonly PiiReading[];
  readonly scans: readonly ScanReading[];
  readonly measures: readonly MeasureReading[];
  readonly plans: readonly PlanReading[];
  readonly cards: readonly CardReading[];
  readonly gaps: readonly Gap[];
  /** What was released before for the same model and target, the champion first; null where nobody looked. */
  readonly releases: readonly EarlierRelease[] | null;
}

/** What reviewers are shown and no rule judges. */
export interface Illustrations {
  readonly attributions: readonly Attribution[];
  readonly curve: readonly CurvePoint[];
  /** On the same curve, where its report says it. */
  readonly operatingPoint?: CurvePoint;
  readonly calibration: readonly CalibrationBin[];
  /** Only of a change of the policies. */
  readonly policyChanges?: readonly string[];
}
