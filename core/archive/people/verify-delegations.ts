import { delegationPredicateType } from "../../attestation/delegation-statement.ts";
import { readDelegationPredicate } from "../../attestation/read-delegation-request.ts";
import { readAssertion } from "../../attestation/read-passkey-request.ts";
import {
  delegationDeedOf,
  delegationEnvelopeName,
  delegationFactId,
  delegationsOf,
  type RecordedDelegationDeed,
} from "../../attestation/recorded-delegation.ts";
import { assertionName } from "../../attestation/recorded-sign-off.ts";
import { issuedAt } from "../../attestation/signed-at.ts";
import { predicateOf } from "../../attestation/statement.ts";
import { verifyDelegationDeedWithoutToken, verifyRecordedDelegationDeed } from "../../attestation/verify-delegation.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { type Member, sameIdentity } from "../../promotion/identity.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { isOfDelegation } from "../pack/pack-scope.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import type { HeldDelegation } from "./held-delegation.ts";
import { type DeedKind, type HeldDeed, verifyDeeds } from "./verify-deeds.ts";
import type { AttestationTrust } from "./verify-sign-offs.ts";

/** What is trusted before any delegation is known: the passkeys that hold, by id, among it. */
export type TrustBeforeDelegations = Omit<AttestationTrust, "delegations">;

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
  trust: TrustBeforeDelegations,
): Promise<DelegationsVerification> {
  const { held, ...told } = await verifyDeeds(delegationDeeds(trust), records, read, leftOut, trust);
  const delegations = delegationsOf(held.map(({ recorded }) => recorded)).flatMap((delegation) => {
    // What was held first of it is that it was given.
    const given = held.find(({ recorded: { id } }) => id === delegation.id);
    if (given === undefined) return [];
    const own = held.filter(({ recorded: { id } }) => id === delegation.id);
    return [[delegation.id, { delegation, delegator: memberOf(given), signed: signedIn(own) }] as const];
  });
  return { ...told, delegations: new Map(delegations) };
}

function signedIn(deeds: readonly HeldDeed<RecordedDelegationDeed>[]): NonNullable<HeldDelegation["signed"]> {
  const at = (wanted: RecordedDelegationDeed["deed"]) => {
    const token = deeds.find(({ recorded: { deed } }) => deed === wanted)?.recorded.idToken;
    return token === undefined || token === "" ? undefined : issuedAt(token);
  };
  const [given, revoked] = [at("delegate"), at("revoke")];
  return { ...(given === undefined ? {} : { given }), ...(revoked === undefined ? {} : { revoked }) };
}

function delegationDeeds({ attestationBase, passkeys }: TrustBeforeDelegations): DeedKind<RecordedDelegationDeed> {
  /** With the passkey that signed as well, as far as it holds. */
  const withPasskey = <Trust>({ passkey: use }: RecordedDelegationDeed, trust: Trust) => {
    const passkey = use === undefined ? undefined : passkeys.get(use.id);
    return passkey === undefined ? trust : { ...trust, passkey };
  };
  return {
    code: "delegation-invalid",
    envelopeName: delegationEnvelopeName,
    isOf: isOfDelegation,
    read: async (record, { payload, signed, document }) => {
      const { delegation: id, delegator, delegate, person, groups, passkey } = bodyOf("delegation", record);
      const { delegation } = readDelegationPredicate(predicateOf(payload, delegationPredicateType(attestationBase)));
      if (!sameIdentity(delegation.delegator, delegator) || !sameIdentity(delegation.delegate, delegate))
        throw new Failure("statement-mismatch", "It is recorded as a delegation between other people.");
      const deed = delegationDeedOf(record.type) ?? "delegate";
      const answered =
        passkey === undefined
          ? {}
          : { passkey, assertion: readAssertion(readCanonicalJson(assertionName, await document(assertionName))) };
      return { id, deed, delegation, person, personName: person.subject, groups, ...signed, ...answered };
    },
    recordId: ({ id, deed }) => delegationFactId(id, deed),
    verify: (recorded, base, trust) => verifyRecordedDelegationDeed(recorded, base, withPasskey(recorded, trust)),
    verifyWithoutToken: (recorded, base, trust) =>
      verifyDelegationDeedWithoutToken(recorded, base, withPasskey(recorded, trust)),
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
