import type { Machine } from "../../core/approval/loading/load-machines.ts";
import type { Targets } from "../../core/approval/loading/load-targets.ts";
import type { ApprovalPolicy } from "../../core/approval/promotion-approval.ts";
import type { EvidenceKind } from "../../core/promotion/freeze-manifest.ts";

/** The deployment's policies, read once when a function starts. */
export interface PolicyBook extends ApprovalPolicy {
  readonly targets: Targets;
  readonly machines: readonly Machine[];
  /** The kinds of evidence that the gates ask for. */
  readonly requiredEvidence: (modelType: string, target: string) => readonly EvidenceKind[];
}
