import type { Delegation } from "../../../core/approval/delegation.ts";
import { titleOf } from "../../../core/approval/entitlement.ts";
import type { Matrix } from "../../../core/approval/matrix.ts";
import type { DelegationDocument } from "../../../core/attestation/delegation-statement.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { Failure } from "../../../core/failure.ts";
import { type Identity, type IdentityKey, identityKey } from "../../../core/promotion/identity.ts";

/** A delegation as the two whom it is about see it. */
export interface DelegationView {
  readonly id: string;
  /** What a revocation names again. */
  readonly delegation: DelegationDocument;
  /** The role's, where the matrix still knows it. */
  readonly title: string;
  readonly delegatorName: string;
  readonly delegateName: string;
  readonly recordedAt: string;
  readonly revokedAt?: string;
}

/** What one person needs to plan an absence. */
export interface AbsenceView {
  readonly attestationBase: string;
  readonly person: Identity;
  /** Absent where they are not away. */
  readonly absentUntil?: string;
  /** Given and taken, newest first. */
  readonly delegations: readonly DelegationView[];
  /** What they could delegate; for what; to whom. */
  readonly roles: readonly {
    readonly role: string;
    readonly title: string;
    /** Classes of sign-in to ask the identity provider for, where the role asks for any: by another it cannot be delegated. */
    readonly acr?: readonly string[];
    /** Whoever delegates it signs with a passkey of their own as well. */
    readonly secondFactor?: "passkey";
  }[];
  readonly modelTypes: readonly string[];
  readonly targets: readonly string[];
  readonly people: readonly { readonly identity: Identity; readonly name: string }[];
}

export function delegationView(
  { id, delegatorName, delegate, role, recordedAt, revokedAt }: Delegation,
  deeds: readonly RecordedDelegationDeed[],
  names: ReadonlyMap<IdentityKey, string>,
  roles: Matrix["roles"],
): DelegationView {
  const given = deeds.find((deed) => deed.id === id && deed.deed === "delegate");
  if (given === undefined) throw new Failure("internal", "A delegation has no record.");
  return {
    id,
    delegation: given.delegation,
    title: titleOf(roles, role),
    delegatorName,
    delegateName: names.get(identityKey(delegate)) ?? "somebody who is not in the directory any more",
    recordedAt,
    ...(revokedAt === undefined ? {} : { revokedAt }),
  };
}
