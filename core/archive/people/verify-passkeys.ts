import { passkeyPredicateType } from "../../attestation/passkey-statement.ts";
import { readAssertion, readPasskeyPredicate } from "../../attestation/read-passkey-request.ts";
import {
  deedOfFact,
  type Passkey,
  passkeyEnvelopeName,
  passkeyFactId,
  passkeysOf,
  type RecordedPasskeyDeed,
} from "../../attestation/recorded-passkey.ts";
import { assertionName } from "../../attestation/recorded-sign-off.ts";
import { predicateOf } from "../../attestation/statement.ts";
import { verifyPasskeyDeedWithoutToken, verifyRecordedPasskeyDeed } from "../../attestation/verify-passkey.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import { normalAddress, sameIdentity } from "../../promotion/identity.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { isOfPasskey } from "../pack/pack-scope.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { requireOnPortal } from "./installations.ts";
import { type DeedKind, type HeldDeed, type TrustBeforePeople, verifyDeeds } from "./verify-deeds.ts";

export interface PasskeysVerification {
  /** Those that hold, by id. */
  readonly passkeys: ReadonlyMap<Sha256, Passkey>;
  readonly confirmations: readonly HeldDeed<RecordedPasskeyDeed>[];
  readonly findings: readonly PackFinding[];
  readonly unchecked: readonly Unchecked[];
}

/**
 * Verifies what is recorded about passkeys, from its documents: who enrolled which, that it signed its own enrolment,
 * that somebody else confirmed it. What does not hold is a finding, and counts as if it had never been done.
 */
export async function verifyPasskeys(
  records: readonly PromotionRecord[],
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: TrustBeforePeople,
): Promise<PasskeysVerification> {
  const { held, ...told } = await verifyDeeds(passkeyDeeds(trust), records, read, leftOut, trust);
  const passkeys = passkeysOf(held.map(({ recorded }) => recorded));
  const confirmations = held.filter(({ recorded: { deed } }) => deed === "confirm");
  return { ...told, confirmations, passkeys: new Map(passkeys.map((passkey) => [passkey.id, passkey])) };
}

function passkeyDeeds(trust: TrustBeforePeople): DeedKind<RecordedPasskeyDeed> {
  const { attestationBase } = trust;
  return {
    code: "passkey-invalid",
    envelopeName: passkeyEnvelopeName,
    isOf: isOfPasskey,
    read: async (record, { payload, signed, document }) => {
      const deed = deedOfFact(record.type) ?? "enrol";
      const { passkey: id, owner, person, groups } = bodyOf("passkey", record);
      const { passkey } = readPasskeyPredicate(predicateOf(payload, passkeyPredicateType(attestationBase)));
      if (!sameIdentity(passkey.owner, owner))
        throw new Failure("statement-mismatch", "It is recorded as another person's passkey.");
      const own =
        deed === "enrol"
          ? { assertion: readAssertion(readCanonicalJson(assertionName, await document(assertionName))) }
          : {};
      return { id, deed, passkey, person, personName: person.subject, groups, ...signed, ...own };
    },
    recordId: ({ id, deed }) => passkeyFactId(id, deed),
    verify: verifyRecordedPasskeyDeed,
    verifyWithoutToken: verifyPasskeyDeedWithoutToken,
    requirePlace: ({ deed, passkey, recordedAt: at }, index) =>
      deed === "enrol" ? requireOnPortal(trust, passkey, { index, at }) : undefined,
    first: {
      deed: "enrol",
      missing: "It is about a passkey that was not enrolled before.",
      otherwise: "It describes the passkey otherwise than it was enrolled.",
    },
    about: ({ passkey }) => passkey,
    refuse: ({ recorded, address }, enrolled) => {
      if (recorded.deed === "confirm" && address !== "" && normalAddress(address) === normalAddress(enrolled.address))
        throw new Failure(
          "not-entitled",
          "The owner confirmed the passkey under another identity: the addresses are the same.",
        );
    },
    untold: (count) =>
      `Who enrolled, confirmed or revoked passkeys: of ${count} records about it the ID token was left out, so the service's word alone says it.`,
  };
}
