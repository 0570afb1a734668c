import type { Explanation } from "../approval/explanation.ts";
import type { Machine } from "../approval/loading/load-machines.ts";
import type { Targets } from "../approval/loading/load-targets.ts";
import type { ApprovalPolicy } from "../approval/promotion-approval.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { EarlierRelease } from "../gates/facts.ts";
import type { EvaluatePolicy } from "../gates/policy-result.ts";
import type { GateThresholds } from "../gates/thresholds.ts";
import type { EvidenceKind } from "../promotion/freeze-manifest.ts";
import type { Author, Member } from "../promotion/identity.ts";
import type { RequestSketch } from "../promotion/request-sketch.ts";
import type { GivenDecision } from "./play-review.ts";
import type { SimulatedGates } from "./simulate-gates.ts";

/** The policies that a simulation asks. */
export interface SimulatedPolicy extends ApprovalPolicy {
  readonly targets: Targets;
  readonly machines: readonly Machine[];
  readonly thresholds: (modelType: string, target: string) => GateThresholds | undefined;
  readonly requiredEvidence: (modelType: string, target: string) => readonly EvidenceKind[];
  readonly wasmDigest: Sha256;
}

export interface SimulationInput {
  readonly policy: SimulatedPolicy;
  readonly evaluate: EvaluatePolicy;
  readonly sketch: RequestSketch;
  readonly startedBy?: Author;
  readonly release: "first" | "update";
  /** Known where somebody gave them; a first release has none. */
  readonly releases?: readonly EarlierRelease[];
  readonly evidence: ReadonlyMap<string, Uint8Array>;
  readonly members: readonly Member[];
  /** The members stand for people whom nobody named: nothing is said about who in particular may sign. */
  readonly standIns?: boolean;
  readonly decisions: readonly GivenDecision[];
  /** When everything here happens. */
  readonly now: Instant;
}

/** What would become of a request. Never more than what was given allows to say. Plain JSON. */
export interface Simulation {
  readonly outcome: "would-pass" | "would-be-blocked" | "would-wait";
  /** Each reason in a sentence: what blocks, or what is waited for. */
  readonly why: readonly string[];
  /** The rule that applies; absent where none does. */
  readonly rule?: {
    /** From 1, in the order of the file. */
    readonly number: number;
    readonly modelType: string;
    readonly target: string;
    readonly expiresAt: Instant;
    readonly requirements: Sha256;
    readonly riskTier?: string;
    readonly dataClass?: string;
  };
  readonly gates?: SimulatedGates;
  readonly excluded: readonly { readonly name: string; readonly why: string }[];
  readonly explanation?: Explanation;
  /** What was taken for granted, and what was not looked at. */
  readonly notes: readonly string[];
}

/** What has been found out so far: what blocks, what is waited for, what was taken for granted. */
export interface Account {
  readonly blocked: string[];
  readonly waits: string[];
  readonly notes: string[];
}
