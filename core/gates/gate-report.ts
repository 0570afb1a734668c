import type { Json } from "../encoding/canonical-json.ts";
import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { EvidenceKind } from "../promotion/freeze-manifest.ts";

/** One rule's outcome. `missing`: what it needs is not there, or not a number; that blocks like a failure. */
export interface Finding {
  /** Stable id of the rule, e.g. `quality.auc`. */
  readonly rule: string;
  readonly title: string;
  readonly status: "passed" | "failed" | "missing";
  readonly observed: Json;
  /** What was required: a bound with its direction, or a value. */
  readonly required: Json;
  /** Until when the rule reports without blocking, if it does; then it is on trial, whatever its status. */
  readonly dryRunUntil?: Instant;
  /** Where it was read: evidence document and JSON pointer (RFC 6901), e.g. `model-quality.json#/metrics/auc`. */
  readonly where: string;
  /** Names metric, value and bound, for people. */
  readonly sentence: string;
}

/** The outcome of all gates over one candidate. Plain JSON. */
export interface GateReport {
  readonly reportVersion: 1;
  readonly outcome: "passed" | "blocked";
  /** The moment of judging: dry runs end by it. */
  readonly evaluatedAt: Instant;
  readonly freezeDigest: Sha256;
  /** SHA-256 of the document of earlier releases, where the candidate was compared with any. */
  readonly earlierReleases?: Sha256;
  /** Digests of the policy that judged: compiled rules and the thresholds given to them. */
  readonly policy: { readonly wasm: Sha256; readonly data: Sha256 };
  /** Failed and missing ones first, then in the order of the policy. */
  readonly findings: readonly Finding[];
  readonly evidence: readonly { readonly kind: EvidenceKind; readonly name: string; readonly sha256: Sha256 }[];
}

/** Whether the finding keeps the candidate back: it did not pass, and its rule is not on trial. */
export function blocks({ status, dryRunUntil }: Finding): boolean {
  return status !== "passed" && dryRunUntil === undefined;
}
