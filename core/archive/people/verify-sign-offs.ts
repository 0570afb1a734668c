import {
  parseKeptEnvelope,
  readEnvelope,
  requireSignature,
  type VerifyingKey,
  type VerifySignature,
} from "../../attestation/dsse.ts";
import { addressOf, type Jwks, type VerifyJws } from "../../attestation/id-token.ts";
import { readAssertion } from "../../attestation/read-passkey-request.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import { assertionName, type RecordedSignOff } from "../../attestation/recorded-sign-off.ts";
import { requireStatement } from "../../attestation/sign-off-context.ts";
import { askedIn, placeOf, type SignOffContext, signOffId } from "../../attestation/sign-off-statement.ts";
import { issuedIn } from "../../attestation/signed-at.ts";
import { verifyPasskeyUse } from "../../attestation/verify-passkey.ts";
import { readSignOff, requireAsSigned, verifyReadSignOff } from "../../attestation/verify-sign-off.ts";
import { base64url } from "../../encoding/base64.ts";
import { fromHex, fromUtf8 } from "../../encoding/bytes.ts";
import { type Json, sameJson } from "../../encoding/canonical-json.ts";
import type { Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Member } from "../../promotion/identity.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { canonicalDigest, readCanonicalJson } from "../documents/json-document.ts";
import { attachmentNamed } from "../documents/read-record.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PromotionRecord, ReadDocument } from "../pack/promotion-file.ts";
import type { HeldDelegation } from "./held-delegation.ts";
import { type SignInTrust, signInsThen } from "./installations.ts";
import { type LedgerKey, requireInForce } from "./ledger-keys.ts";
import { keysFor, type SignInKeys, type VerifiedSignIn } from "./sign-in-keys.ts";

/** Whose signatures count, and what checks them. */
export interface AttestationTrust extends SignInTrust {
  readonly attestationBase: string;
  readonly keys: readonly VerifyingKey[];
  /** What the ledger says of these keys over time; empty where it names none. */
  readonly keyHistory: readonly LedgerKey[];
  /** The identity provider's keys, where they are known from elsewhere than the pack. */
  readonly jwks?: Jwks;
  /** Told by which of the archived keys sign-ins were verified. */
  readonly signInKeys?: SignInKeys;
  readonly verifySignature: VerifySignature;
  readonly verifyJws: VerifyJws;
  /** The passkeys of the pack that hold, by id. */
  readonly passkeys: ReadonlyMap<Sha256, Passkey>;
  /** The delegations of the pack that hold, by id. */
  readonly delegations: ReadonlyMap<Sha256, HeldDelegation>;
}

/** A sign-off that held, with the digest of its envelope and the person as the token named them. */
export interface HeldSignOff {
  /** One that was kept from an earlier candidate is as it counts here. */
  readonly signOff: SignOff;
  readonly kept?: true;
  /** When the identity provider signed it; absent where its ID token was left out. */
  readonly signedAt?: Instant;
  /** Digest of the envelope's canonical JSON. */
  readonly envelope: Sha256;
  readonly member: Member;
  readonly told: ToldSignOff;
  /** What cannot be told yet of its sign-in. */
  readonly untold?: string;
}

/** What the documents of a sign-off that held say, or a verdict, for whoever shows it. */
export interface ToldSignOff {
  readonly predicate: Json;
  /** The reviewer's name, as the ID token has it. */
  readonly name?: string;
}

/**
 * Verifies one sign-off from its documents, against what the promotion was at the time: the service's signature, the
 * statement, the identity provider's signature over the same decision. Throws what is wrong.
 *
 * @param tokenLeftOut the ID token is not in the pack on purpose: everything else is verified
 */
export async function verifySignOff(
  each: PromotionRecord,
  steps: readonly Step[],
  read: ReadDocument,
  trust: AttestationTrust,
  tokenLeftOut: boolean,
): Promise<HeldSignOff> {
  const { record } = each;
  const body = bodyOf("sign-off", record);
  const context = contextOf(body, steps, trust.attestationBase);
  if (record.id !== `${context.promotion}/sign-off/${body.signOff}` || record.promotion !== context.promotion) {
    throw new Failure("statement-mismatch", "It is recorded under another id than its own.");
  }
  return proven(each, { body, context, recordedAt: record.at }, read, trust, tokenLeftOut);
}

/** Verifies what a sign-off's record says from the documents that it names. `context`: what the statement must say. */
export async function proven(
  { record, index }: PromotionRecord,
  {
    body,
    context,
    recordedAt,
  }: {
    readonly body: ReturnType<typeof bodyOf<"sign-off">>;
    readonly context: SignOffContext;
    readonly recordedAt: Instant;
  },
  read: ReadDocument,
  trust: AttestationTrust,
  tokenLeftOut: boolean,
): Promise<HeldSignOff> {
  const document = async (name: string): Promise<Uint8Array> => {
    const bytes = await read(attachmentNamed(record, name).sha256);
    if (bytes === undefined) throw new Failure("pack-invalid", `Its ${name} is not in the pack.`);
    return bytes;
  };
  const envelopeBytes = await document("sign-off.dsse.json");
  const envelope = parseKeptEnvelope(readCanonicalJson("sign-off.dsse.json", envelopeBytes));
  const opened = readEnvelope(envelope, trust.keys);
  if (tokenLeftOut) requireSignature(opened, trust.verifySignature);
  requireInForce(trust.keyHistory, envelope, { index, at: record.at });
  const sent = readSignOff(opened, context, "-");
  const { choice } = sent.request;
  if (choice.reason !== body.reason) {
    throw new Failure("statement-mismatch", "It is recorded with another reason than was signed.");
  }
  if (!sameJson(placeOf(choice).onBehalfOf ?? null, body.onBehalfOf ?? null))
    throw new Failure("statement-mismatch", "It is recorded as given in another person's place than was signed.");
  if (!sameJson(askedIn(choice).conditions ?? null, body.conditions ?? null))
    throw new Failure("statement-mismatch", "It is recorded with other conditions than were signed.");
  const signOff: SignOff = {
    id: body.signOff,
    promotion: context.promotion,
    review: body.review,
    stage: body.stage,
    result: body.result,
    reason: choice.reason,
    roles: body.roles,
    reviewer: body.reviewer,
    reviewerName: body.reviewer.subject,
    ...(body.onBehalfOf === undefined ? {} : { onBehalfOf: body.onBehalfOf }),
    ...askedIn(body),
    groups: body.groups,
    ...body.signIn,
    ...(body.passkey === undefined ? {} : { passkey: body.passkey }),
    recordedAt,
  };
  const own = attachmentNamed(record, "sign-off.dsse.json").sha256;
  const proof = { envelope: canonicalDigest(envelopeBytes, own, envelope) };
  const { predicate } = sent.request.statement as { readonly predicate: Json };
  const use = body.passkey;
  const assertion =
    use === undefined ? undefined : readAssertion(readCanonicalJson(assertionName, await document(assertionName)));
  const passkey = use === undefined ? undefined : trust.passkeys.get(use.id);
  const archived = readCanonicalJson("jwks.json", await document("jwks.json"));
  if (tokenLeftOut) {
    // Nothing is verified by these keys here; but whoever has the token reads the same as what they are.
    readJwks(archived);
    const statement = requireStatement(sent.request, context, recordedAt, "canonical");
    if (signOffId(statement) !== body.signOff) {
      throw new Failure("statement-mismatch", "It is recorded under another statement's id.");
    }
    requireAsSigned(signOff, statement.predicate);
    const recorded = { signOff, ...(assertion === undefined ? {} : { passkey: assertion }) };
    verifyPasskeyUse(recorded, base64url(fromHex(body.signOff)), passkey, trust);
    return { signOff, ...proof, told: { predicate }, member: memberOf(signOff, "") };
  }
  const idToken = fromUtf8(await document("id-token.jwt"));
  const keys = keysFor(idToken, () => readJwks(archived), trust.jwks);
  const recorded: RecordedSignOff = {
    signOff,
    envelope,
    idToken,
    jwks: keys.jwks,
    ...(assertion === undefined ? {} : { passkey: assertion }),
  };
  requireSignature(opened, trust.verifySignature);
  const { untold, ...signIns } = signInsThen(trust, body.reviewer, { index, at: recordedAt }, idToken);
  const held = { ...trust, ...signIns, ...(passkey === undefined ? {} : { passkey }) };
  const claims = verifyReadSignOff(recorded, sent, context, held);
  const { name } = claims;
  noteSignIn(trust, record, { index, issuer: signIns.issuer, idToken, ...keys });
  const named = typeof name === "string" && name !== "" ? { ...signOff, reviewerName: name } : signOff;
  const told = { predicate, ...(typeof name === "string" && name !== "" ? { name } : {}) };
  const member = memberOf(named, addressOf(claims));
  const soon = untold === undefined ? {} : { untold };
  return { signOff: named, signedAt: issuedIn(claims), ...proof, told, member, ...soon };
}

/** Tells by which archived key a sign-in was verified; a key that is known from elsewhere is nothing to tell. */
export function noteSignIn(
  { jwks, signInKeys }: Pick<AttestationTrust, "jwks" | "signInKeys">,
  record: PromotionRecord["record"],
  signIn: Omit<VerifiedSignIn, "sha256">,
): void {
  if (jwks === undefined || signIn.foreign === true)
    signInKeys?.note({ ...signIn, sha256: attachmentNamed(record, "jwks.json").sha256 });
}

/** Reads a key set; throws `pack-invalid` where it is none. What its keys are is for the signature check to find. */
export function readJwks(value: unknown): Jwks {
  const keys = typeof value === "object" && value !== null && "keys" in value ? value.keys : undefined;
  const wellFormed =
    Array.isArray(keys) && keys.every((key) => typeof key === "object" && key !== null && typeof key.kty === "string");
  if (!wellFormed) throw new Failure("pack-invalid", "The identity provider's keys are not a JSON Web Key Set.");
  return { keys };
}

/** What a signature of a review must say of its promotion. Throws where there was no such stage. */
export function contextOf(
  { review, stage: index }: { readonly review: number; readonly stage: number },
  steps: readonly Step[],
  attestationBase: string,
): SignOffContext {
  const judged = steps.findLast(({ after, record }) => after.review === review && record.type === "gates");
  const stage = judged?.requirements?.rule.stages[index];
  const gates = judged?.after.gates;
  if (judged === undefined || gates === undefined || stage === undefined) {
    throw new Failure("statement-mismatch", `It names a stage of review ${review} that the promotion never had.`);
  }
  const { after: promotion } = judged;
  return {
    attestationBase,
    freezeDigest: promotion.freezeDigest,
    promotion: promotion.id,
    model: promotion.manifest.model,
    target: promotion.manifest.target,
    review,
    stage: { index, name: stage.name },
    requirements: promotion.requirements.sha256,
    shown: gates.summary,
  };
}

/** The person who signed, as their token names them. */
export function memberOf(signOff: Pick<SignOff, "reviewer" | "reviewerName" | "groups">, address: string): Member {
  return {
    identity: signOff.reviewer,
    name: signOff.reviewerName,
    address,
    groups: signOff.groups,
    enabled: true,
  };
}
