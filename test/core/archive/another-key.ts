import { keyFact, keyGeneration } from "../../../core/attestation/key-record.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import type { AttestationKey } from "../attestation/signing-keys.ts";
import type { House } from "./house.ts";
import { attestationBase, attestationKey } from "./reviewers.ts";

/** Makes another key known, for which the one before signs, and puts it in use. Answers both, the one in use first. */
export async function anotherKey(house: House): Promise<readonly [AttestationKey, AttestationKey]> {
  const [first, second] = [house.attestation, attestationKey()];
  const [one, other] = [first, second].map(({ key }, place) => keyGeneration("attestation", place + 1, key.pem));
  if (one === undefined || other === undefined) throw new Error("A key of P-256 is no generation of one.");
  const voucher = { keyid: one.keyid, sign: async (message: Uint8Array) => first.sign(sha256Bytes(message)) };
  const published = { change: "published" } as const;
  await house.promotions.recordFact(await keyFact(other, published, house.now(), attestationBase, voucher));
  house.hold(second.key);
  await house.tellOfKeys();
  house.attestation = second;
  return [second, first];
}
