import type { PasskeyAssertion } from "../../../core/attestation/passkey-assertion.ts";
import type { PasskeyKey } from "../../../core/attestation/passkey-key.ts";
import type { PasskeyDescription } from "../../../core/attestation/passkey-statement.ts";
import type { PasskeyRegistration } from "../../../core/attestation/read-passkey-request.ts";
import { base64url, fromBase64url } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { type Identity, identityKey } from "../../../core/promotion/identity.ts";
import { messages } from "../messages/catalogue.ts";
import type { NotMade } from "./not-made.ts";

/** A passkey that was just made, and the authenticator's word for it. */
export interface MadePasskey {
  readonly passkey: Omit<PasskeyDescription, "owner" | "name">;
  readonly registration: PasskeyRegistration;
}

/** Ten minutes: somebody may have to fetch their security key. */
const timeout = 600_000;

/** Whether this browser knows passkeys at all. */
export function knowsPasskeys(): boolean {
  return "PublicKeyCredential" in globalThis;
}

/**
 * Has the browser make a passkey for this page, or says why there is none: the person may have thought better of it, or the
 * authenticator cannot. No certificate about its make is asked for: it would tell more about people than is needed.
 *
 * @param salt 16 random bytes, base64url: the statement's salt is the registration's challenge
 * @param without credential ids of passkeys that are enrolled already
 */
export async function makePasskey(
  owner: { readonly identity: Identity; readonly name: string },
  salt: string,
  without: readonly string[],
): Promise<MadePasskey | NotMade> {
  const made = await asked(() =>
    navigator.credentials.create({
      publicKey: {
        challenge: bytesOf(salt),
        rp: { id: location.hostname, name: messages.product },
        user: { id: copied(sha256Bytes(utf8(identityKey(owner.identity)))), name: owner.name, displayName: owner.name },
        // ES256, EdDSA, RS256.
        pubKeyCredParams: [-7, -8, -257].map((alg) => ({ type: "public-key", alg })),
        excludeCredentials: without.map((id) => ({ type: "public-key", id: bytesOf(id) })),
        authenticatorSelection: { userVerification: "required", residentKey: "preferred" },
        attestation: "none",
        timeout,
      },
    }),
  );
  if (made === "has-one") return made;
  if (!(made?.response instanceof AuthenticatorAttestationResponse)) return "unanswered";
  const { response } = made;
  const publicKey = await keyOf(response);
  if (publicKey === undefined) return "unanswered";
  return {
    passkey: { credentialId: textOf(made.rawId), publicKey, rpId: location.hostname, origin: location.origin },
    registration: {
      clientDataJSON: textOf(response.clientDataJSON),
      attestationObject: textOf(response.attestationObject),
    },
  };
}

/** Has one of these passkeys sign a challenge. `undefined` where none answers, or the person thought better of it. */
export async function answerOf(
  challenge: string,
  credentialIds: readonly string[],
): Promise<PasskeyAssertion | undefined> {
  const answered = await asked(() =>
    navigator.credentials.get({
      publicKey: {
        challenge: bytesOf(challenge),
        rpId: location.hostname,
        allowCredentials: credentialIds.map((id) => ({ type: "public-key", id: bytesOf(id) })),
        userVerification: "required",
        timeout,
      },
    }),
  );
  if (answered === "has-one" || !(answered?.response instanceof AuthenticatorAssertionResponse)) return undefined;
  const { clientDataJSON, authenticatorData, signature } = answered.response;
  return {
    credentialId: textOf(answered.rawId),
    clientDataJSON: textOf(clientDataJSON),
    authenticatorData: textOf(authenticatorData),
    signature: textOf(signature),
  };
}

async function asked(ask: () => Promise<Credential | null>): Promise<PublicKeyCredential | "has-one" | undefined> {
  try {
    const credential = await ask();
    return credential instanceof PublicKeyCredential ? credential : undefined;
  } catch (error) {
    // Told once the person agreed to it, and only where one is made: https://w3c.github.io/webauthn/#sctn-excluded-credentials-error
    if (error instanceof DOMException && error.name === "InvalidStateError") return "has-one";
    // Cancelled, timed out, or refused by the authenticator: browsers do not tell these apart, on purpose.
    if (error instanceof DOMException) return undefined;
    throw error;
  }
}

/** The new passkey's key as a JSON Web Key of its required members; `undefined` for a kind that is not taken. */
async function keyOf(response: AuthenticatorAttestationResponse): Promise<PasskeyKey | undefined> {
  const spki = response.getPublicKey();
  const algorithm = response.getPublicKeyAlgorithm();
  const load = async (params: AlgorithmIdentifier | EcKeyImportParams | RsaHashedImportParams): Promise<JsonWebKey> =>
    spki === null
      ? {}
      : crypto.subtle.exportKey("jwk", await crypto.subtle.importKey("spki", spki, params, true, ["verify"]));
  switch (algorithm) {
    case -7: {
      const { x = "", y = "" } = await load({ name: "ECDSA", namedCurve: "P-256" });
      return { kty: "EC", crv: "P-256", x, y };
    }
    case -8: {
      const { x = "" } = await load({ name: "Ed25519" });
      return { kty: "OKP", crv: "Ed25519", x };
    }
    case -257: {
      const { n = "", e = "" } = await load({ name: "RSASSA-PKCS1-v1_5", hash: "SHA-256" });
      return { kty: "RSA", n, e };
    }
    default:
      return undefined;
  }
}

function bytesOf(text: string): Uint8Array<ArrayBuffer> {
  return copied(fromBase64url(text));
}

function copied(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return new Uint8Array(bytes);
}

function textOf(buffer: ArrayBuffer): string {
  return base64url(new Uint8Array(buffer));
}
