import {
  type DelegationDeed,
  type DelegationDocument,
  type DelegationPredicate,
  delegationIdOf,
  delegationStatement,
} from "../../../core/attestation/delegation-statement.ts";
import { signEnvelope } from "../../../core/attestation/dsse.ts";
import type { RecordedDelegationDeed } from "../../../core/attestation/recorded-delegation.ts";
import { statementBytes } from "../../../core/attestation/sign-off-statement.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { attestationBase, now } from "../promotion/promotion-in-review.ts";
import { claimsOf } from "./given-sign-off.ts";
import { attestation, provider } from "./signing-keys.ts";

/** Somebody stands in for somebody for a day, from an hour ago. */
export function delegationDocument(
  delegator: Member,
  delegate: Member,
  role: string,
  over: Partial<DelegationDocument> = {},
): DelegationDocument {
  return {
    delegator: delegator.identity,
    delegate: delegate.identity,
    role,
    scope: {},
    from: addSeconds(now, -3600),
    until: addSeconds(now, 86_400),
    reason: "On holiday.",
    salt: "AAAAAAAAAAAAAAAAAAAAAA",
    ...over,
  };
}

/** A statement about a delegation, as the page composes it. */
export function delegationPredicate(
  deed: DelegationDeed,
  delegation: DelegationDocument,
  over: Partial<DelegationPredicate> = {},
): DelegationPredicate {
  const issuedAt = over.issuedAt ?? addSeconds(now, -60);
  return {
    deed,
    delegation,
    person: delegation.delegator,
    issuedAt,
    expiresAt: addSeconds(issuedAt, 900),
    ...over,
  };
}

/** A recorded deed with real signatures. */
export async function delegationDeed(
  deed: DelegationDeed,
  delegation: DelegationDocument,
  by: Member,
  recordedAt: Instant = addSeconds(now, -3600),
): Promise<RecordedDelegationDeed> {
  const issuedAt = addSeconds(recordedAt, -60);
  const statement = delegationStatement(
    attestationBase,
    delegationPredicate(deed, delegation, { person: by.identity, issuedAt }),
  );
  return {
    id: delegationIdOf(delegation),
    deed,
    delegation,
    person: by.identity,
    personName: by.name,
    groups: by.groups,
    recordedAt,
    envelope: await signEnvelope(statementBytes(statement), attestation.key.keyid, attestation.sign),
    idToken: provider.token(claimsOf(by, statement, recordedAt)),
    jwks: { keys: [provider.jwk] },
  };
}
