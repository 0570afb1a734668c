import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { pemOfSpki, type VerifyingKey, verifyingKey } from "../../core/attestation/dsse.ts";
import type { Jwk } from "../../core/attestation/id-token.ts";
import { passportJwk } from "../../core/attestation/passport.ts";
import { Failure } from "../../core/failure.ts";

/** An ECC_NIST_P256 key in KMS that signs statements, and its public half, which is fetched once. */
export function attestationSigner(client: KMSClient, keyId: string) {
  let publicKey: Promise<VerifyingKey> | undefined;
  return {
    async sign(digest: Uint8Array): Promise<Uint8Array> {
      const { Signature: signature } = await client.send(
        new SignCommand({ KeyId: keyId, Message: digest, MessageType: "DIGEST", SigningAlgorithm: "ECDSA_SHA_256" }),
      );
      return present(signature);
    },

    verifyingKey(): Promise<VerifyingKey> {
      publicKey ??= fetchPublicKey(client, keyId)
        .then((spki) => verifyingKey(pemOfSpki(spki)))
        .catch((error: unknown) => {
          publicKey = undefined;
          throw error;
        });
      return publicKey;
    },
  };
}

/** An ECC_NIST_P256 key in KMS that signs JSON Web Tokens: as `attestationSigner`, with R and S side by side. */
export function tokenSigner(client: KMSClient, keyId: string) {
  const { sign, verifyingKey } = attestationSigner(client, keyId);
  return { verifyingKey, sign: async (digest: Uint8Array) => concatenatedSignature(await sign(digest)) };
}

/** The public keys of passports as they are published, fetched once each. */
export function passportKeys(client: KMSClient, keyIds: readonly string[]) {
  const signers = keyIds.map((keyId) => attestationSigner(client, keyId));
  return async (): Promise<readonly Jwk[]> =>
    await Promise.all(signers.map(async (signer) => passportJwk(await signer.verifyingKey())));
}

/** An ECC_NIST_EDWARDS25519 key in KMS that signs the ledger's checkpoints. */
export function checkpointSigner(client: KMSClient, keyId: string) {
  let publicKey: Promise<Uint8Array> | undefined;
  return {
    async sign(message: Uint8Array): Promise<Uint8Array> {
      const { Signature: signature } = await client.send(
        new SignCommand({ KeyId: keyId, Message: message, MessageType: "RAW", SigningAlgorithm: "ED25519_SHA_512" }),
      );
      return present(signature);
    },

    /** The raw 32-byte public key: the last 32 bytes of its SPKI (RFC 8410). */
    publicKey(): Promise<Uint8Array> {
      publicKey ??= fetchPublicKey(client, keyId)
        .then((spki) => spki.slice(-32))
        .catch((error: unknown) => {
          publicKey = undefined;
          throw error;
        });
      return publicKey;
    },
  };
}

/**
 * An ECDSA signature of P-256 as JWS wants it, R and S of 32 bytes each (RFC 7518 section 3.4), from the DER in which
 * KMS gives it: a sequence of two integers (RFC 3279 section 2.2.3), without leading zeros and with one where the first
 * bit is set.
 */
function concatenatedSignature(der: Uint8Array): Uint8Array {
  const both = new Uint8Array(64);
  let at = 2;
  for (const end of [32, 64]) {
    const length = der[at + 1] ?? 0;
    const integer = der.slice(at + 2, at + 2 + length);
    const digits = integer[0] === 0 ? integer.slice(1) : integer;
    if (der[at] !== 2 || length === 0 || digits.length > 32) throw unreadableSignature();
    both.set(digits, end - digits.length);
    at += 2 + length;
  }
  if (der[0] !== 0x30 || der[1] !== der.length - 2 || at !== der.length) throw unreadableSignature();
  return both;
}

function unreadableSignature(): Failure {
  return new Failure("unavailable", "The key service gave a signature that is not ECDSA's of P-256.");
}

async function fetchPublicKey(client: KMSClient, keyId: string): Promise<Uint8Array> {
  const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return present(spki);
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Failure("unavailable", "The key service gave an empty answer.");
  return bytes;
}
