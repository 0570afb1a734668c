import { type DelegationStatement, delegationIdOf } from "../../../core/attestation/delegation-statement.ts";

export const delegationsPath = "/v1/delegations";

/** What somebody wants to do about a delegation. */
export interface PendingDelegation {
  readonly statement: DelegationStatement;
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
