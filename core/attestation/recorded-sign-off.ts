import { utf8 } from "../encoding/bytes.ts";
import { canonicalJsonBytes } from "../encoding/canonical-json.ts";
import { durationText, durationWords } from "../encoding/policy-file.ts";
import { type Sha256, sha256Hex } from "../encoding/sha256.ts";
import type { Attachment, Fact } from "../promotion/fact.ts";
import { conditionsText } from "../promotion/release-conditions.ts";
import type { SignOff } from "../promotion/sign-off.ts";
import type { Envelope } from "./dsse.ts";
import type { Jwks } from "./id-token.ts";
import type { PasskeyAssertion } from "./passkey-assertion.ts";

/** A sign-off as it is stored: the decision, and everything that proves who made it. */
export interface RecordedSignOff {
  readonly signOff: SignOff;
  readonly envelope: Envelope;
  /** The identity provider's signature over this very decision: its `nonce` is the statement's challenge. */
  readonly idToken: string;
  /** The key that verified the token, as the issuer published it then. */
  readonly jwks: Jwks;
  /** The answer of the reviewer's passkey to the same challenge, where there is one. */
  readonly passkey?: PasskeyAssertion;
}

/** A document and the bytes that its digest is of. */
export interface Blob {
  readonly name: string;
  readonly mediaType: string;
  readonly bytes: Uint8Array;
}

/** Digest of the envelope's canonical JSON: what a verdict names a sign-off by. */
export function envelopeDigest(envelope: Envelope): Sha256 {
  return sha256Hex(canonicalJsonBytes(envelope));
}

/** A document under its digest, as facts name it. */
export function attachmentOf(blob: Blob): Attachment {
  return { name: blob.name, mediaType: blob.mediaType, sha256: sha256Hex(blob.bytes) };
}

/** The documents that a sign-off rests on. */
export function blobsOf(recorded: RecordedSignOff): readonly Blob[] {
  return ceremonyBlobs("sign-off.dsse.json", recorded, recorded.passkey);
}

/** The documents that any statement rests on which a person signed: its envelope, by this name, and what proves who signed it. */
export function ceremonyBlobs(
  envelopeName: string,
  { envelope, idToken, jwks }: Pick<RecordedSignOff, "envelope" | "idToken" | "jwks">,
  assertion: PasskeyAssertion | undefined,
): readonly Blob[] {
  return [
    { name: envelopeName, mediaType: "application/vnd.in-toto+json", bytes: canonicalJsonBytes(envelope) },
    { name: "id-token.jwt", mediaType: "application/jwt", bytes: utf8(idToken) },
    { name: "jwks.json", mediaType: "application/jwk-set+json", bytes: canonicalJsonBytes(jwks) },
    ...(assertion === undefined ? [] : [assertionBlob(assertion)]),
  ];
}

/** The name of the document that a passkey's answer is kept in. */
export const assertionName = "passkey.json";

/** A passkey's answer as a document. */
function assertionBlob({ credentialId, clientDataJSON, authenticatorData, signature }: PasskeyAssertion): Blob {
  const assertion = { credentialId, clientDataJSON, authenticatorData, signature };
  return { name: assertionName, mediaType: "application/json", bytes: canonicalJsonBytes(assertion) };
}

/** How a person signed in, where the token says it. */
export function signInFacts({ acr, amr }: Pick<SignOff, "acr" | "amr">): { acr?: string; amr?: readonly string[] } {
  return { ...(acr === undefined ? {} : { acr }), ...(amr === undefined ? {} : { amr }) };
}

const deeds = { approve: "approved", reject: "rejected", withdraw: "withdrew the earlier decision" } as const;

function passkeyWords({ passkey }: SignOff): string {
  if (passkey === undefined) return "";
  return passkey.counterWentBack === true
    ? ", with a passkey whose counter did not rise: it may have been copied"
    : ", with a passkey";
}

/** Whose place it was is in the body: of a name, the service knows only its own copy. */
function placeWords({ onBehalfOf }: Pick<SignOff, "onBehalfOf">): string {
  return onBehalfOf === undefined ? "" : ", in another person's place";
}

function conditionWords({ conditions }: Pick<SignOff, "conditions">, duration: Duration): string {
  return conditions === undefined ? "" : `, on condition that ${conditionsText(conditions, duration)}`;
}

type Duration = (seconds: number) => string;

/** What a reviewer did, in a sentence; `as` are the roles as its readers know them. */
export function signOffSentence(signOff: SignOff, as: readonly string[]): string {
  return sentence(signOff, as, durationWords);
}

function sentence(signOff: SignOff, as: readonly string[], duration: Duration): string {
  return `${signOff.reviewerName} ${deeds[signOff.result]} as ${as.join(", ")}${placeWords(signOff)}${passkeyWords(signOff)}${conditionWords(signOff, duration)}.`;
}

/** The fact that a sign-off was given. Made anew of what is kept whenever it is told: its words stay as they are. */
export function signOffFact(recorded: RecordedSignOff): Fact {
  const { signOff } = recorded;
  return {
    id: `${signOff.promotion}/sign-off/${signOff.id}`,
    type: "sign-off",
    at: signOff.recordedAt,
    promotion: signOff.promotion,
    summary: sentence(signOff, signOff.roles, durationText),
    body: {
      signOff: signOff.id,
      review: signOff.review,
      stage: signOff.stage,
      result: signOff.result,
      reason: signOff.reason,
      roles: signOff.roles,
      reviewer: { issuer: signOff.reviewer.issuer, subject: signOff.reviewer.subject },
      ...(signOff.onBehalfOf === undefined
        ? {}
        : { onBehalfOf: { person: { ...signOff.onBehalfOf.person }, delegation: signOff.onBehalfOf.delegation } }),
      ...(signOff.conditions === undefined ? {} : { conditions: { ...signOff.conditions } }),
      groups: signOff.groups,
      ...(signOff.acr === undefined && signOff.amr === undefined ? {} : { signIn: signInFacts(signOff) }),
      ...(signOff.passkey === undefined ? {} : { passkey: { ...signOff.passkey } }),
    },
    attachments: blobsOf(recorded).map(attachmentOf),
  };
}
