import { delegationPredicateType } from "../attestation/delegation-statement.ts";
import { openEnvelope, parseEnvelope } from "../attestation/dsse.ts";
import { readToken } from "../attestation/id-token.ts";
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
import { fromUtf8 } from "../encoding/bytes.ts";
import { canonicalJson } from "../encoding/canonical-json.ts";
import type { Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { type Member, sameIdentity } from "../promotion/identity.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { HeldDelegation } from "./held-delegation.ts";
import { requireInForce } from "./ledger-keys.ts";
import type { PackFinding, Unchecked } from "./pack-findings.ts";
import { recordPath } from "./pack-layout.ts";
import { isOfDelegation } from "./pack-scope.ts";
import type { PromotionRecord, ReadDocument } from "./promotion-file.ts";
import { readJson } from "./read-document.ts";
import { attachmentNamed } from "./read-record.ts";
import { type AttestationTrust, readJwks } from "./verify-sign-offs.ts";

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
  trust: Omit<AttestationTrust, "passkeys" | "delegations">,
): Promise<DelegationsVerification> {
  const findings: PackFinding[] = [];
  const deeds: HeldDeed[] = [];
  for (const each of records.filter(({ record }) => isOfDelegation(record))) {
    try {
      const held = await verifiedDeed(each, read, leftOut, trust);
      requireFits(held, deeds);
      deeds.push(held);
    } catch (error) {
      // Bytes that nobody foresaw may break a parser below in any way; here that is as good as a refusal.
      const sentence = error instanceof Failure ? error.message : `It cannot be read (${String(error)}).`;
      findings.push({ code: "delegation-invalid", path: recordPath(each.index), sentence });
    }
  }
  const delegations = delegationsOf(deeds.map(({ recorded }) => recorded)).flatMap((delegation) => {
    const given = deeds.find(({ recorded: { id, deed } }) => id === delegation.id && deed === "delegate");
    return given === undefined ? [] : [[delegation.id, { delegation, delegator: given.member }] as const];
  });
  const untold = deeds.filter(({ recorded }) => recorded.idToken === "").length;
  return {
    findings,
    delegations: new Map(delegations),
    unchecked:
      untold === 0
        ? []
        : [
            {
              sentence: `Whether people delegated themselves what others signed in their place: of ${untold} records about it the ID token was left out, so the service's word alone says it.`,
            },
          ],
  };
}

interface HeldDeed {
  readonly recorded: RecordedDelegationDeed;
  readonly member: Member;
}

async function verifiedDeed(
  { record, index }: PromotionRecord,
  read: ReadDocument,
  leftOut: ReadonlySet<Sha256>,
  trust: Omit<AttestationTrust, "passkeys" | "delegations">,
): Promise<HeldDeed> {
  const deed = delegationDeedOf(record.type) ?? "delegate";
  const body = bodyOf("delegation", record);
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  if (record.id !== delegationFactId(body.delegation, deed))
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  const envelope = parseEnvelope(readJson(delegationEnvelopeName, await document(delegationEnvelopeName)));
  const payload = openEnvelope(envelope, trust.keys, trust.verifySignature);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const { delegation } = readDelegationPredicate(predicateOf(payload, delegationPredicateType(trust.attestationBase)));
  if (!sameIdentity(delegation.delegator, body.delegator) || !sameIdentity(delegation.delegate, body.delegate))
    throw new Failure("statement-mismatch", "It is recorded as a delegation between other people.");
  const withoutToken = leftOut.has(attachmentNamed(record, "id-token.jwt").sha256);
  const recorded: RecordedDelegationDeed = {
    id: body.delegation,
    deed,
    delegation,
    person: body.person,
    personName: body.person.subject,
    groups: body.groups,
    recordedAt: record.at,
    envelope,
    idToken: withoutToken ? "" : fromUtf8(await document("id-token.jwt")),
    jwks: trust.jwks ?? readJwks(readJson("jwks.json", await document("jwks.json"))),
  };
  const { person: identity, groups, personName: name } = recorded;
  if (withoutToken) {
    verifyDelegationDeedWithoutToken(recorded, trust.attestationBase, trust);
    return { recorded, member: { identity, name, address: "", groups, enabled: true } };
  }
  verifyRecordedDelegationDeed(recorded, trust.attestationBase, trust);
  const { email } = readToken(recorded.idToken).claims;
  const address = typeof email === "string" ? email : "";
  return { recorded, member: { identity, name, address, groups, enabled: true } };
}

/** Each deed is done once; a revocation is of what was delegated before, as it was delegated. */
function requireFits({ recorded }: HeldDeed, earlier: readonly HeldDeed[]): void {
  const same = earlier.filter((each) => each.recorded.id === recorded.id);
  if (same.some((each) => each.recorded.deed === recorded.deed))
    throw new Failure("conflict", "It was recorded before: each is done once.");
  if (recorded.deed === "delegate") return;
  const given = same.find((each) => each.recorded.deed === "delegate");
  if (given === undefined || given.recorded.recordedAt > recorded.recordedAt)
    throw new Failure("conflict", "It is about a delegation that was not given before.");
  if (canonicalJson(given.recorded.delegation) !== canonicalJson(recorded.delegation))
    throw new Failure("statement-mismatch", "It describes the delegation otherwise than it was given.");
}
