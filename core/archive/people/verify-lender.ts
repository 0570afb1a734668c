import { type Envelope, parseKeptEnvelope } from "../../attestation/dsse.ts";
import { addressOf } from "../../attestation/id-token.ts";
import { readAssertion } from "../../attestation/read-passkey-request.ts";
import { loanEnvelopeName, loanFactId, type RecordedLoan } from "../../attestation/recorded-loan.ts";
import { assertionName } from "../../attestation/recorded-sign-off.ts";
import { issuedIn } from "../../attestation/signed-at.ts";
import { verifyLoanWithoutToken, verifyRecordedLoan } from "../../attestation/verify-loan.ts";
import { fromUtf8 } from "../../encoding/bytes.ts";
import type { Instant } from "../../encoding/instant.ts";
import { Failure } from "../../failure.ts";
import type { Member } from "../../promotion/identity.ts";
import type { LenderSignature } from "../../promotion/loan.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { readCanonicalJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import { signInsThen } from "./installations.ts";
import { requireInForce } from "./ledger-keys.ts";
import { keysFor } from "./sign-in-keys.ts";
import { type AttestationTrust, contextOf, memberOf, noteSignIn, readJwks } from "./verify-sign-offs.ts";

/** A lender's signature that held, with its envelope and the person as the token named them. */
export interface HeldLender {
  readonly signature: LenderSignature;
  readonly envelope: Envelope;
  readonly member: Member;
  /** When it was signed, as the identity provider says; absent where the ID token was left out. */
  readonly signedAt?: Instant;
  /** What cannot be told yet of its sign-in. */
  readonly untold?: string;
}

/**
 * Verifies one lender's signature from its documents, against what the promotion was at the time. Throws what is wrong.
 *
 * @param tokenLeftOut the ID token is not in the pack on purpose: everything else is verified
 */
export async function verifyLender(
  { record, index }: PromotionRecord,
  steps: readonly Step[],
  read: ReadDocument,
  trust: AttestationTrust,
  tokenLeftOut: boolean,
): Promise<HeldLender> {
  const body = bodyOf("loan-requested", record);
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  // A loan is about the whole promotion: that it has a first stage is all that is asked of its rule here.
  const { stage: _, ...context } = contextOf({ review: body.review, stage: 0 }, steps, trust.attestationBase);
  if (record.id !== loanFactId(context.promotion, body.signature) || record.promotion !== context.promotion)
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  const envelope = parseKeptEnvelope(readCanonicalJson(loanEnvelopeName, await document(loanEnvelopeName)));
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const { passkey: use } = body;
  const signature: LenderSignature = {
    id: body.signature,
    promotion: context.promotion,
    review: body.review,
    terms: { seconds: body.seconds, incident: body.incident },
    reason: body.reason,
    role: body.role,
    ...(body.confirms === undefined ? {} : { confirms: body.confirms }),
    reviewer: body.lender,
    reviewerName: body.lender.subject,
    groups: body.groups,
    ...body.signIn,
    ...(use === undefined ? {} : { passkey: use }),
    recordedAt: record.at,
  };
  const passkey = use === undefined ? undefined : trust.passkeys.get(use.id);
  const idToken = tokenLeftOut ? "" : fromUtf8(await document("id-token.jwt"));
  const archived = await document("jwks.json");
  const keys = keysFor(idToken, () => readJwks(readCanonicalJson("jwks.json", archived)), trust.jwks);
  const recorded: RecordedLoan = {
    signature,
    envelope,
    idToken,
    jwks: keys.jwks,
    ...(use === undefined
      ? {}
      : { passkey: readAssertion(readCanonicalJson(assertionName, await document(assertionName))) }),
  };
  const { untold, ...signIns } = signInsThen(trust, body.lender, { index, at: record.at }, idToken);
  const held = { ...trust, ...signIns, ...(passkey === undefined ? {} : { passkey }) };
  if (tokenLeftOut) {
    verifyLoanWithoutToken(recorded, context, held);
    return { signature, envelope, member: memberOf(signature, "") };
  }
  const claims = verifyRecordedLoan(recorded, context, held);
  const { name } = claims;
  noteSignIn(trust, record, { index, issuer: signIns.issuer, idToken, ...keys });
  const named = typeof name === "string" && name !== "" ? { ...signature, reviewerName: name } : signature;
  const member = memberOf(named, addressOf(claims));
  return {
    signature: named,
    envelope,
    member,
    signedAt: issuedIn(claims),
    ...(untold === undefined ? {} : { untold }),
  };
}
