import { delegationPredicateType } from "../attestation/delegation-statement.ts";
import { readDelegationPredicate } from "../attestation/read-delegation-request.ts";
import {
  delegationDeedOf,
  delegationEnvelopeName,
  delegationFactId,
  delegationsOf,
  type RecordedDelegationDeed,
} from "../attestation/recorded-delegation.ts";
import { predicateOf } from "../attestation/statement.ts";
import { verifyDelegationDeedWithoutToken, verifyRecordedDelegationDeed } from "../attestation/verify-delegation.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { type Member, sameIdentity } from "../promotion/identity.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { HeldDelegation } from "./held-delegation.ts";
import type { PackFinding, Unchecked } from "./pack-findings.ts";
import { isOfDelegation } from "./pack-scope.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";
import { type DeedKind, type HeldDeed, type TrustBeforePeople, verifyDeeds } from "./verify-deeds.ts";

export interface DelegationsVerification {
  /** Those that hold, by id. */
  readonly delegations: ReadonlyMap<Sha256, HeldDelegation>;
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
}

/**
 * Verifies what is recorded about delegations, from its documents: who let whom stand in their place, and when that was
 * taken back. What does not hold is a finding, and counts as if it had never been done.
 */
export async function verifyDelegations(
  records: readonly PromotionRecord[],
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: TrustBeforePeople,
): Promise<DelegationsVerification> {
  const { held, ...told } = await verifyDeeds(delegationDeeds(trust), records, read, leftOut, trust);
  const delegations = delegationsOf(held.map(({ recorded }) => recorded)).flatMap((delegation) => {
    // What was held first of it is that it was given.
    const given = held.find(({ recorded: { id } }) => id === delegation.id);
    return given === undefined ? [] : [[delegation.id, { delegation, delegator: memberOf(given) }] as const];
  });
  return { ...told, delegations: new Map(delegations) };
}

function delegationDeeds({ attestationBase }: TrustBeforePeople): DeedKind<RecordedDelegationDeed> {
  return {
    code: "delegation-invalid",
    envelopeName: delegationEnvelopeName,
    isOf: isOfDelegation,
    read: async (record, { payload, signed }) => {
      const { delegation: id, delegator, delegate, person, groups } = bodyOf("delegation", record);
      const { delegation } = readDelegationPredicate(predicateOf(payload, delegationPredicateType(attestationBase)));
      if (!sameIdentity(delegation.delegator, delegator) || !sameIdentity(delegation.delegate, delegate))
        throw new Failure("statement-mismatch", "It is recorded as a delegation between other people.");
      const deed = delegationDeedOf(record.type) ?? "delegate";
      return { id, deed, delegation, person, personName: person.subject, groups, ...signed };
    },
    recordId: ({ id, deed }) => delegationFactId(id, deed),
    verify: verifyRecordedDelegationDeed,
    verifyWithoutToken: verifyDelegationDeedWithoutToken,
    first: {
      deed: "delegate",
      missing: "It is about a delegation that was not given before.",
      otherwise: "It describes the delegation otherwise than it was given.",
    },
    about: ({ delegation }) => delegation,
    untold: (count) =>
      `Whether people delegated themselves what others signed in their place: of ${count} records about it the ID token was left out, so the service's word alone says it.`,
  };
}

function memberOf({ recorded, address }: HeldDeed<RecordedDelegationDeed>): Member {
  const { person: identity, personName: name, groups } = recorded;
  return { identity, name, address, groups, enabled: true };
}
