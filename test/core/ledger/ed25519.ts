import { createPrivateKey, createPublicKey, sign, verify } from "node:crypto";
import type { CheckpointSigner } from "../../../core/ledger/checkpoint.ts";
import type { VerifyEd25519 } from "../../../core/ledger/note-key.ts";

// DER around a raw Ed25519 key (RFC 8410 sections 4 and 7).
const spki = Buffer.from("302a300506032b6570032100", "hex");
const pkcs8 = Buffer.from("302e020100300506032b657004220420", "hex");

/** Verifies with node:crypto; false for a key that is none. */
export const verifyEd25519: VerifyEd25519 = (publicKey, message, signature) => {
  try {
    const key = createPublicKey({ key: Buffer.concat([spki, publicKey]), format: "der", type: "spki" });
    return verify(null, message, key, signature);
  } catch {
    return false;
  }
};

/** A signer for `origin` whose key is made from one byte: the same on each run. */
export function testSigner(origin: string, seed: number): CheckpointSigner {
  return signerFromSeed(origin, new Uint8Array(32).fill(seed));
}

/** A signer for `origin` from the 32 bytes of a private key. */
export function signerFromSeed(origin: string, seed: Uint8Array): CheckpointSigner {
  const key = createPrivateKey({ key: Buffer.concat([pkcs8, seed]), format: "der", type: "pkcs8" });
  const publicKey = createPublicKey(key).export({ format: "der", type: "spki" }).subarray(-32);
  return {
    origin,
    publicKey: new Uint8Array(publicKey),
    sign: async (message) => new Uint8Array(sign(null, message, key)),
  };
}
