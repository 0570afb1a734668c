import type { Status } from "../../promotion/promotion.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";

/** What verification says of one promotion. */
export interface PromotionVerdict {
  readonly promotion: PromotionId;
  /** `NOT CHECKED`: the mode looks at the log only, it was verified before, or a newer Countersign made part of it. */
  readonly outcome: "PASSED" | "FAILED" | "NOT CHECKED";
  /** Name and version of the model, and the target, as the records say. */
  readonly title?: string;
  /** A change of the policies, which are put in force and deployed nowhere. */
  readonly ofPolicies?: true;
  readonly status?: Status;
  readonly signOffs?: number;
  /** It is said to be under way, and its time was over long before the end of the log. */
  readonly endUntold?: true;
}
