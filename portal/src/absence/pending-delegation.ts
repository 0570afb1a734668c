import { type DelegationStatement, delegationIdOf } from "../../../core/attestation/delegation-statement.ts";
import type { PasskeyAnswer } from "../../../core/attestation/read-sign-off-request.ts";

export const delegationsPath = "/v1/delegations";

/** What somebody wants to do about a delegation. */
export interface PendingDelegation {
  readonly statement: DelegationStatement;
  /** The answer of the delegator's passkey to the same challenge, where they have one. */
  readonly passkey?: PasskeyAnswer;
}

/** Where it is handed in. */
export function pathOfDelegation({ statement }: PendingDelegation): string {
  const { deed, delegation } = statement.predicate;
  switch (deed) {
    case "delegate":
      return delegationsPath;
    case "revoke":
      return `${delegationsPath}/${delegationIdOf(delegation)}/revocation`;
    default:
      return deed satisfies never;
  }
}
