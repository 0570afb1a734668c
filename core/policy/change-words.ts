import { policyModelType } from "../approval/matrix.ts";
import type { Status } from "../promotion/promotion.ts";

// A change of the policies is a promotion like any other, and yet nothing of it is a model that runs somewhere.

/** Whether a promotion is a change of the policies. */
export function changesPolicies({ type }: { readonly type: string }): boolean {
  return type === policyModelType;
}

/** A status within a sentence; policies are put in force, and deployed nowhere. */
export function statusWords(status: Status, ofPolicies = false): string {
  if (ofPolicies && status === "deploying") return "being put in force";
  if (ofPolicies && status === "deployed") return "put in force";
  return status;
}
