import type { LogFindingCode } from "../../ledger/log-findings.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";

/** What can be wrong with a pack. The codes are stable; the sentence may change. */
export type PackFindingCode =
  // Nothing is wrong with it, and it cannot be checked: nothing that rests on it has passed
  | "newer-version"
  // The container
  | "container-refused"
  | "container-altered"
  | "file-missing"
  | "file-changed"
  | "file-unexpected"
  | "sums-malformed"
  | "manifest-malformed"
  | "manifest-differs"
  | "key-malformed"
  | "key-foreign"
  | "key-record-invalid"
  | "key-unpublished"
  | "key-not-in-force"
  // What the installation is
  | "installation-missing"
  | "installation-invalid"
  // People
  | "passkey-invalid"
  | "delegation-invalid"
  | "sign-in-key-differs"
  | "sign-in-key-foreign"
  // The log
  | LogFindingCode
  | "checkpoint-untimed"
  | "checkpoint-too-old"
  | "checkpoint-in-future"
  | "checkpoint-not-witnessed"
  | "record-missing"
  | "record-changed"
  | "record-malformed"
  | "record-repeated"
  | "record-unproven"
  // A promotion
  | "document-missing"
  | "document-changed"
  | "life-cycle"
  | "order"
  | "freeze-differs"
  | "gates-differ"
  | "sign-off-invalid"
  | "quorum-differs"
  | "loan-invalid"
  | "verdict-differs"
  | "deployment-unapproved"
  | "deployment-differs"
  | "policy-differs"
  // What is derived from the records
  | "view-differs";

/** One thing that is wrong with a pack. */
export interface PackFinding {
  readonly code: PackFindingCode;
  /** The file or object concerned. */
  readonly path: string;
  /** Absent where it concerns the pack as a whole. */
  readonly promotion?: PromotionId;
  readonly sentence: string;
}

/** Something that offline verification cannot tell, and why. */
export interface Unchecked {
  /** Absent where it is so for all of them. */
  readonly promotion?: PromotionId;
  readonly sentence: string;
}

const ofTheLog: ReadonlySet<PackFindingCode> = new Set<PackFindingCode>([
  "newer-version",
  "container-refused",
  "manifest-malformed",
  "key-malformed",
  "key-record-invalid",
  "key-not-in-force",
  "installation-missing",
  "installation-invalid",
  "sign-in-key-differs",
  "sign-in-key-foreign",
  "checkpoint-missing",
  "checkpoint-rejected",
  "checkpoint-untimed",
  "checkpoint-too-old",
  "checkpoint-in-future",
  "checkpoint-not-witnessed",
  "root-mismatch",
  "kept-checkpoint-rejected",
  "kept-checkpoint-mismatch",
  "entries-missing",
  "entries-malformed",
  "entry-mismatch",
  "tile-missing",
  "tile-mismatch",
  "partial-mismatch",
  "beyond-checkpoint",
  "unknown-object",
  "earlier-mismatch",
  "record-missing",
  "record-changed",
  "record-malformed",
  "record-repeated",
  "record-unproven",
]);

/** Whether nothing is wrong, as far as this version can tell, and something that it cannot tell. */
export function onlyNewer(findings: readonly PackFinding[]): boolean {
  return findings.length > 0 && findings.every(({ code }) => code === "newer-version");
}

/** Whether a finding takes the ground from under every promotion: the log that proves them, or what it is read with. */
export function concernsAll({ code, promotion }: PackFinding): boolean {
  return promotion === undefined && ofTheLog.has(code);
}
