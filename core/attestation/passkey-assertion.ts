import * as v from "valibot";
import { fromBase64url } from "../encoding/base64.ts";
import { concatBytes, equalBytes, utf8 } from "../encoding/bytes.ts";
import { sha256Bytes } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { readStrictJson } from "../gates/strict-json.ts";
import type { VerifyJws } from "./id-token.ts";
import { type PasskeyKey, passkeyAlgorithm } from "./passkey-key.ts";
import { isStrongKey } from "./strong-key.ts";

/** What an authenticator answers to a challenge (WebAuthn Level 3 section 5.2.2); everything in base64url. */
export interface PasskeyAssertion {
  readonly credentialId: string;
  readonly clientDataJSON: string;
  readonly authenticatorData: string;
  readonly signature: string;
}

/** A passkey as far as checking its assertions needs it. */
export interface PasskeyCredential {
  /** As the authenticator names it, in base64url. */
  readonly credentialId: string;
  readonly publicKey: PasskeyKey;
  /** The relying party, which is the portal's host. */
  readonly rpId: string;
  /** The portal's origin, e.g. `https://sign.example.org`. */
  readonly origin: string;
}

const encoded = (longest: number) => v.pipe(v.string(), v.regex(/^[A-Za-z0-9_-]+$/), v.maxLength(longest));

/** The form of an assertion. A credential id has at most 1,023 bytes (WebAuthn section 4). */
export const assertionSchema = v.strictObject({
  credentialId: encoded(1364),
  clientDataJSON: encoded(4096),
  authenticatorData: encoded(4096),
  signature: encoded(1024),
});

const userPresent = 0x01;
const userVerified = 0x04;
const backupEligible = 0x08;
const backedUp = 0x10;
const attestedData = 0x40;
const extensionData = 0x80;
/** rpIdHash, flags, signCount (WebAuthn section 6.1). */
const shortestData = 37;

/**
 * Verifies an assertion as WebAuthn Level 3 section 7.2 says, for one credential and one challenge. The person must
 * have been present and verified. Throws `passkey-invalid`, saying which of it does not hold; answers the signature
 * counter, which is for others to judge.
 *
 * @param challenge base64url of the 32 bytes that were to be signed: the nonce of the same decision
 */
export function verifyAssertion(
  assertion: PasskeyAssertion,
  expected: { readonly credential: PasskeyCredential; readonly challenge: string },
  verify: VerifyJws,
): { readonly counter: number } {
  const { credential, challenge } = expected;
  if (assertion.credentialId !== credential.credentialId) throw invalid("another passkey answered than the one named");
  const clientData = decoded(assertion.clientDataJSON);
  requireClientData(clientData, credential.origin, challenge);
  const data = decoded(assertion.authenticatorData);
  const counter = requireAuthenticatorData(data, credential.rpId);
  const signed = concatBytes([data, sha256Bytes(clientData)]);
  const algorithm = passkeyAlgorithm(credential.publicKey);
  const signature = decoded(assertion.signature);
  // WebAuthn carries ECDSA signatures in DER (section 6.5.5); JOSE, r and s alone.
  const raw = algorithm === "ES256" ? rawOfDer(signature) : signature;
  if (!isStrongKey(credential.publicKey))
    throw invalid(
      "its key is one that others could sign with: RSA below 2,048 bits, or with another exponent than 65537, or Ed25519 of small order",
    );
  if (!verify(algorithm, credential.publicKey, signed, raw)) throw invalid("its signature does not fit the public key");
  return { counter };
}

function requireClientData(bytes: Uint8Array, origin: string, challenge: string): void {
  const read = readStrictJson(bytes);
  const data = read.kind === "value" ? read.value : undefined;
  if (typeof data !== "object" || data === null || Array.isArray(data))
    throw invalid("what the browser signed is not JSON");
  const members = data as Readonly<Record<string, unknown>>;
  if (members["type"] !== "webauthn.get") throw invalid("it is not an answer to a request for a signature");
  if (members["challenge"] !== challenge) throw invalid("it was made for another decision");
  if (members["origin"] !== origin) throw invalid("it was made on another page than the portal");
  if (members["crossOrigin"] === true || "topOrigin" in members)
    throw invalid("it was made inside of another site's page");
}

/** Answers the signature counter. */
function requireAuthenticatorData(data: Uint8Array, rpId: string): number {
  const flags = data[32];
  if (flags === undefined || data.length < shortestData) throw invalid("the authenticator's data is cut off");
  if ((flags & (attestedData | extensionData)) === 0 && data.length !== shortestData)
    throw invalid("there is more behind the authenticator's data than it says");
  if (!equalBytes(data.subarray(0, 32), sha256Bytes(utf8(rpId))))
    throw invalid("it was made for another relying party");
  if ((flags & userPresent) === 0) throw invalid("nobody touched the authenticator");
  if ((flags & userVerified) === 0) throw invalid("the authenticator did not verify the person (PIN or biometrics)");
  if ((flags & backupEligible) === 0 && (flags & backedUp) !== 0)
    throw invalid("the authenticator says that a key which cannot be copied was copied");
  return new DataView(data.buffer, data.byteOffset).getUint32(33);
}

/** `r ‖ s` of 32 bytes each, from an ECDSA signature over P-256 in DER, in its one spelling (RFC 3279 section 2.2.3). */
function rawOfDer(der: Uint8Array): Uint8Array {
  const raw = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const integer = der.subarray(at + 2, at + 2 + length);
    const [first = 0x80, second = 0] = integer;
    const padded = first === 0 && integer.length > 1;
    const digits = padded ? integer.subarray(1) : integer;
    if (
      der[at] !== 0x02 ||
      integer.length !== length ||
      (first & 0x80) !== 0 ||
      (padded && (second & 0x80) === 0) ||
      digits.length > 32
    ) {
      throw invalid("its signature is not an ECDSA signature over P-256");
    }
    raw.set(digits, end - digits.length);
    at += 2 + length;
  }
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || at !== der.length)
    throw invalid("its signature is not an ECDSA signature over P-256");
  return raw;
}

function decoded(text: string): Uint8Array {
  try {
    return fromBase64url(text);
  } catch (cause) {
    throw new Failure("passkey-invalid", "The passkey's answer cannot be used: it is not base64url.", { cause });
  }
}

function invalid(what: string): Failure {
  return new Failure("passkey-invalid", `The passkey's answer cannot be used: ${what}.`);
}
