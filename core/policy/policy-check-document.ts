import { policyModelType } from "../approval/matrix.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { GateThresholds } from "../gates/thresholds.ts";

/** What the gates ask of policies: that they are there, were checked, and are without errors. No file can change it. */
export const policyThresholds: GateThresholds = {
  modelType: policyModelType,
  artifacts: ["policy"],
  evidence: ["policy-check"],
  quality: { errors: { max: 0 } },
  fairness: {},
  security: {},
};

/** The evidence about proposed policies: what a check found, and what they change. */
export interface PolicyCheckDocument {
  readonly former: Sha256;
  readonly proposed: Sha256;
  readonly errors: number;
  readonly warnings: number;
  /** What the check has to say, each in a sentence. */
  readonly findings: readonly string[];
  readonly changes: readonly string[];
}

export const policyCheckName = "policy-check.json";

/** The document's bytes, in the format `plain` of the kind `policy-check`. */
export function policyCheckBytes({ errors, warnings, ...said }: PolicyCheckDocument): Uint8Array {
  return canonicalJsonBytes({ checkVersion: 1, metrics: { errors, warnings }, ...said });
}
