import { GetPublicKeyCommand, type KMSClient, SignCommand } from "@aws-sdk/client-kms";
import { pemOfSpki, type VerifyingKey, verifyingKey } from "../../core/attestation/dsse.ts";
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

async function fetchPublicKey(client: KMSClient, keyId: string): Promise<Uint8Array> {
  const { PublicKey: spki } = await client.send(new GetPublicKeyCommand({ KeyId: keyId }));
  return present(spki);
}

function present(bytes: Uint8Array | undefined): Uint8Array {
  if (bytes === undefined) throw new Failure("unavailable", "The key service gave an empty answer.");
  return bytes;
}
