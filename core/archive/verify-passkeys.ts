import { openEnvelope, parseEnvelope } from "../attestation/dsse.ts";
import { readToken } from "../attestation/id-token.ts";
import { passkeyPredicateType } from "../attestation/passkey-statement.ts";
import { readAssertion, readPasskeyPredicate } from "../attestation/read-passkey-request.ts";
import {
  deedOfFact,
  type Passkey,
  passkeyEnvelopeName,
  passkeyFactId,
  passkeysOf,
  type RecordedPasskeyDeed,
} from "../attestation/recorded-passkey.ts";
import { assertionName } from "../attestation/recorded-sign-off.ts";
import { predicateOf } from "../attestation/statement.ts";
import { verifyPasskeyDeedWithoutToken, verifyRecordedPasskeyDeed } from "../attestation/verify-passkey.ts";
import { fromUtf8 } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { normalAddress, sameIdentity } from "../promotion/identity.ts";
import { bodyOf } from "./fact-bodies.ts";
import { requireInForce } from "./ledger-keys.ts";
import type { PackFinding, Unchecked } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import { isOfPasskey } from "./pack-scope.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";
import { readJson } from "./read-document.ts";
import { attachmentNamed } from "./read-record.ts";
import { type AttestationTrust, readJwks } from "./verify-sign-offs.ts";

export interface PasskeysVerification {
  /** Those that hold, by id. */
  readonly passkeys: ReadonlyMap<Sha256, Passkey>;
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
  trust: Omit<AttestationTrust, "passkeys" | "delegations">,
): Promise<PasskeysVerification> {
  const findings: PackFinding[] = [];
  const deeds: HeldDeed[] = [];
  for (const each of records.filter(({ record }) => isOfPasskey(record))) {
    try {
      const held = await verifiedDeed(each, read, leftOut, trust);
      requireFits(held, deeds);
      deeds.push(held);
    } catch (error) {
      // Bytes that nobody foresaw may break a parser below in any way; here that is as good as a refusal.
      const sentence = error instanceof Failure ? error.message : `It cannot be read (${String(error)}).`;
      findings.push({ code: "passkey-invalid", path: recordPath(each.index), sentence });
    }
  }
  const passkeys = passkeysOf(deeds.map(({ recorded }) => recorded));
  const untold = deeds.filter(({ recorded }) => recorded.idToken === "").length;
  return {
    findings,
    passkeys: new Map(passkeys.map((passkey) => [passkey.id, passkey])),
    unchecked:
      untold === 0
        ? []
        : [
            {
              sentence: `Who enrolled, confirmed or revoked passkeys: of ${untold} records about it the ID token was left out, so the service's word alone says it.`,
            },
          ],
  };
}

interface HeldDeed {
  readonly recorded: RecordedPasskeyDeed;
  /** In normal form; empty where the token names none or was left out. */
  readonly address: string;
}

async function verifiedDeed(
  { record, index }: PromotionRecord,
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: Omit<AttestationTrust, "passkeys" | "delegations">,
): Promise<HeldDeed> {
  const deed = deedOfFact(record.type) ?? "enrol";
  const body = bodyOf("passkey", record);
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  if (record.id !== passkeyFactId(body.passkey, deed))
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  const envelope = parseEnvelope(readJson(passkeyEnvelopeName, await document(passkeyEnvelopeName)));
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const { passkey } = readPasskeyPredicate(predicateOf(payload, passkeyPredicateType(trust.attestationBase)));
  if (!sameIdentity(passkey.owner, body.owner))
    throw new Failure("statement-mismatch", "It is recorded as another person's passkey.");
  const withoutToken = leftOut.has(attachmentNamed(record, "id-token.jwt").sha256);
  const recorded: RecordedPasskeyDeed = {
    id: body.passkey,
    deed,
    passkey,
    person: body.person,
    personName: body.person.subject,
    groups: body.groups,
    recordedAt: record.at,
    envelope,
    idToken: withoutToken ? "" : fromUtf8(await document("id-token.jwt")),
    jwks: trust.jwks ?? readJwks(readJson("jwks.json", await document("jwks.json"))),
    ...(deed === "enrol" ? { assertion: readAssertion(readJson(assertionName, await document(assertionName))) } : {}),
  };
  if (withoutToken) {
    verifyPasskeyDeedWithoutToken(recorded, trust.attestationBase, trust);
    return { recorded, address: "" };
  }
  verifyRecordedPasskeyDeed(recorded, trust.attestationBase, trust);
  const { email } = readToken(recorded.idToken).claims;
  return { recorded, address: typeof email === "string" ? normalAddress(email) : "" };
}

/** A confirmation or revocation is of a passkey that was enrolled before, as it was enrolled; the second person is another. */
function requireFits({ recorded, address }: HeldDeed, earlier: readonly HeldDeed[]): void {
  if (earlier.some((each) => each.recorded.id === recorded.id && each.recorded.deed === recorded.deed))
    throw new Failure("conflict", "It was recorded before: each is done once.");
  if (recorded.deed === "enrol") return;
  const enrolled = earlier.find((each) => each.recorded.id === recorded.id && each.recorded.deed === "enrol");
  if (enrolled === undefined || enrolled.recorded.recordedAt > recorded.recordedAt)
    throw new Failure("conflict", "It is about a passkey that was not enrolled before.");
  if (canonicalJson(enrolled.recorded.passkey) !== canonicalJson(recorded.passkey))
    throw new Failure("statement-mismatch", "It describes the passkey otherwise than it was enrolled.");
  if (recorded.deed === "confirm" && address !== "" && address === enrolled.address)
    throw new Failure(
      "not-entitled",
      "The owner confirmed the passkey under another identity: the addresses are the same.",
    );
}
