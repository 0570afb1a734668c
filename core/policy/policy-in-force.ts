import type { Instant } from "../encoding/instant.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import type { Attachment } from "../promotion/fact.ts";
import type { PromotionId } from "../promotion/promotion-id.ts";
import type { Policies } from "./load-policies.ts";

/** Which version of the policies is in force, since when, and by whom it was put there. */
export interface PolicyInForce {
  readonly digest: Sha256;
  /** What is archived of it, as a record names it. */
  readonly documents: readonly Attachment[];
  readonly since: Instant;
  /** Counts the versions that were in force, from 1. */
  readonly number: number;
  /** The promotion that it was signed off in; absent where it came with a deployment. */
  readonly promotion?: PromotionId;
  readonly signedBy?: readonly string[];
}

/**
 * Whether whoever deploys changes the policies: where those in force do not say who signs for a change. The first that
 * do are the last that come with a deployment.
 */
export function followsDeployment({ matrix }: Pick<Policies, "matrix">): boolean {
  return matrix.policyChange === undefined;
}
