import * as v from "valibot";
import type { VerifyJws } from "../../core/attestation/id-token.ts";
import {
  type PasskeyAssertion,
  type PasskeyCredential,
  verifyAssertion,
} from "../../core/attestation/passkey-assertion.ts";
import { type PasskeyKey, passkeyAlgorithm, passkeyKeySchema } from "../../core/attestation/passkey-key.ts";
import type { PasskeyRegistration } from "../../core/attestation/read-passkey-request.ts";
import { cutText } from "../../core/encoding/cut-text.ts";
import { Failure } from "../../core/failure.ts";

/** COSE algorithms (RFC 9053) by the JOSE names that are taken here. */
const coseAlgorithms = { ES256: -7, EdDSA: -8, RS256: -257 } as const;

/** COSE key parameters and types (RFC 9052 section 7, RFC 9053 section 7). */
const cose = { kty: 1, alg: 3, crv: -1, x: -2, y: -3, n: -1, e: -2, okp: 1, ec2: 2, rsa: 3, p256: 1, ed25519: 6 };

/** Where a passkey is made: the portal. */
export type PasskeyPlace = Pick<PasskeyCredential, "rpId" | "origin">;

/**
 * Verifies what an authenticator answered when a passkey was made (WebAuthn section 7.1) and gives the passkey's id
 * and key. Certificates about the authenticator's make are not asked for and not taken: to judge one would mean to
 * fetch what it points to. Throws `passkey-invalid`.
 */
export async function verifyRegistration(
  registration: PasskeyRegistration,
  expected: PasskeyPlace & { readonly credentialId: string; readonly challenge: string },
): Promise<Pick<PasskeyCredential, "credentialId" | "publicKey">> {
  const library = await webauthn();
  try {
    const { helpers } = library;
    const statement = helpers.decodeAttestationObject(helpers.isoBase64URL.toBuffer(registration.attestationObject));
    if (statement.get("fmt") !== "none" && statement.get("attStmt").get("x5c") !== undefined)
      throw invalid("it comes with a certificate that was not asked for");
    const { verified, registrationInfo: made } = await library.verifyRegistrationResponse({
      response: {
        id: expected.credentialId,
        rawId: expected.credentialId,
        type: "public-key",
        clientExtensionResults: {},
        response: { ...registration },
      },
      expectedChallenge: expected.challenge,
      expectedOrigin: expected.origin,
      expectedRPID: expected.rpId,
      requireUserVerification: true,
      supportedAlgorithmIDs: Object.values(coseAlgorithms),
    });
    if (!verified) throw invalid("the browser's answer does not hold");
    const { id, publicKey } = made.credential;
    return { credentialId: id, publicKey: keyOfCose(library, publicKey) };
  } catch (cause) {
    throw cause instanceof Failure ? cause : invalid(reasonOf(cause), cause);
  }
}

/**
 * Verifies an assertion twice: by the rules that everybody applies to it later, and by a library that knows nothing of
 * them. Throws `passkey-invalid` where either refuses it; answers the signature counter.
 */
export async function verifyAssertionTwice(
  assertion: PasskeyAssertion,
  expected: { readonly credential: PasskeyCredential; readonly challenge: string },
  verify: VerifyJws,
): Promise<{ readonly counter: number }> {
  const checked = verifyAssertion(assertion, expected, verify);
  const { credential, challenge } = expected;
  const library = await webauthn();
  const { credentialId: id, ...response } = assertion;
  try {
    const { verified } = await library.verifyAuthenticationResponse({
      response: { id, rawId: id, type: "public-key", clientExtensionResults: {}, response },
      expectedChallenge: challenge,
      expectedOrigin: credential.origin,
      expectedRPID: credential.rpId,
      requireUserVerification: true,
      // Counter 0: whether it went back is recorded as a warning, not refused.
      credential: { id, publicKey: coseOfKey(library, credential.publicKey), counter: 0 },
    });
    if (!verified) throw invalid("its signature does not fit the public key");
  } catch (cause) {
    throw cause instanceof Failure ? cause : invalid(reasonOf(cause), cause);
  }
  return checked;
}

type Library = Awaited<ReturnType<typeof webauthn>>;

/** Loaded when the first passkey comes: it takes longer to start than the rest of a function. */
async function webauthn() {
  const [server, helpers] = await Promise.all([
    import("@simplewebauthn/server"),
    import("@simplewebauthn/server/helpers"),
  ]);
  const { verifyRegistrationResponse, verifyAuthenticationResponse } = server;
  return { verifyRegistrationResponse, verifyAuthenticationResponse, helpers };
}

function keyOfCose({ helpers }: Library, bytes: Uint8Array<ArrayBuffer>): PasskeyKey {
  const key = helpers.isoCBOR.decodeFirst<Map<number, unknown>>(bytes);
  const text = (name: number) => {
    const part = key.get(name);
    return part instanceof Uint8Array ? helpers.isoBase64URL.fromBuffer(new Uint8Array(part)) : undefined;
  };
  const kinds: Readonly<Record<number, object>> = {
    [cose.ec2]: { kty: "EC", crv: key.get(cose.crv) === cose.p256 && "P-256", x: text(cose.x), y: text(cose.y) },
    [cose.okp]: { kty: "OKP", crv: key.get(cose.crv) === cose.ed25519 && "Ed25519", x: text(cose.x) },
    [cose.rsa]: { kty: "RSA", n: text(cose.n), e: text(cose.e) },
  };
  const read = v.safeParse(passkeyKeySchema, kinds[Number(key.get(cose.kty))]);
  if (read.success) return read.output;
  throw invalid("its key is of a kind that is not taken here");
}

function coseOfKey({ helpers }: Library, key: PasskeyKey): Uint8Array<ArrayBuffer> {
  const part = (text: string) => helpers.isoBase64URL.toBuffer(text);
  const members = (): readonly (readonly [number, number | Uint8Array<ArrayBuffer>])[] => {
    switch (key.kty) {
      case "EC":
        return [
          [cose.kty, cose.ec2],
          [cose.crv, cose.p256],
          [cose.x, part(key.x)],
          [cose.y, part(key.y)],
        ];
      case "OKP":
        return [
          [cose.kty, cose.okp],
          [cose.crv, cose.ed25519],
          [cose.x, part(key.x)],
        ];
      case "RSA":
        return [
          [cose.kty, cose.rsa],
          [cose.n, part(key.n)],
          [cose.e, part(key.e)],
        ];
      default:
        return key satisfies never;
    }
  };
  return helpers.isoCBOR.encode(new Map([...members(), [cose.alg, coseAlgorithms[passkeyAlgorithm(key)]]]));
}

function invalid(what: string, cause?: unknown): Failure {
  return new Failure("passkey-invalid", `The passkey's answer cannot be used: ${what}.`, { cause });
}

/** The library's own sentence names values of the request only, which whoever sent it knows. */
function reasonOf(cause: unknown): string {
  return cause instanceof Error ? cutText(cause.message, 200).replace(/\.$/, "") : "it cannot be read";
}
