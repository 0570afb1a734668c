import type { Delegation } from "../approval/delegation.ts";
import type { Member } from "../promotion/identity.ts";

/** A delegation that held, and its delegator as the token named them. */
export interface HeldDelegation {
  readonly delegation: Delegation;
  readonly delegator: Member;
}
