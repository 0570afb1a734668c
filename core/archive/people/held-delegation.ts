import type { Delegation } from "../../approval/delegation.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Member } from "../../promotion/identity.ts";

/** A delegation that held, and its delegator as the token named them. */
export interface HeldDelegation {
  readonly delegation: Delegation;
  readonly delegator: Member;
  /** When the provider issued the tokens by which it was given, and revoked; absent where they were left out, or it was not. */
  readonly signed?: { readonly given?: Instant; readonly revoked?: Instant };
}
