import type { KMSClient } from "@aws-sdk/client-kms";
import { attestationSigner, checkpointSigner } from "../adapters/kms/signer.ts";
import type { VerifyingKey } from "../core/attestation/dsse.ts";
import { keysInForce } from "../core/attestation/key-periods.ts";
import { type KeyRole, keyFactId } from "../core/attestation/key-record.ts";
import type { Instant } from "../core/encoding/instant.ts";
import type { Fact } from "../core/promotion/fact.ts";

/** The keys of one role over time, by their KMS ids. */
export interface Generations {
  /** Oldest first: generation 1, 2, … */
  readonly ids: readonly string[];
  /** Which generation signs. */
  readonly inUse: number;
}

/** Reads `…_KEY_ID` and `…_KEY_IDS` (ids with a comma between). */
export function generationsOf(inUse: string, all: string): Generations {
  const ids = all.split(",");
  if (!ids.includes(inUse))
    throw new Error("The environment of this function is not complete: the key in use is not listed.");
  return { ids, inUse: ids.indexOf(inUse) + 1 };
}

/** The id of the record that publishes the key in use; `undefined` of the first, with which the log began. */
export function recordOfKeyInUse(role: KeyRole, { inUse }: Generations): string | undefined {
  return inUse === 1 ? undefined : keyFactId({ role, generation: inUse }, { change: "published" });
}

/** Every generation of the attestation keys, the oldest first. */
export function attestationKeys(client: KMSClient, { ids }: Generations) {
  const signers = ids.map((id) => attestationSigner(client, id));
  return async (): Promise<readonly (VerifyingKey & { readonly generation: number })[]> =>
    await Promise.all(signers.map(async (signer, at) => ({ ...(await signer.verifyingKey()), generation: at + 1 })));
}

/** Every generation of the checkpoint keys, the oldest first; 32 bytes each. */
export function checkpointKeys(client: KMSClient, { ids }: Generations) {
  const signers = ids.map((id) => checkpointSigner(client, id));
  return async (): Promise<readonly { readonly publicKey: Uint8Array; readonly generation: number }[]> =>
    await Promise.all(signers.map(async (signer, at) => ({ publicKey: await signer.publicKey(), generation: at + 1 })));
}

/** The keys with the one in use first, then the newest first: how whoever verifies is given them. */
function inUseFirst<Key extends { readonly generation: number }>(
  keys: readonly Key[],
  { inUse }: Generations,
): readonly Key[] {
  const rank = ({ generation }: Key) => (generation === inUse ? Number.POSITIVE_INFINITY : generation);
  return keys.toSorted((a, b) => rank(b) - rank(a));
}

/** All public keys of a deployment, as its environment names them: of each role the one in use first. */
export function publicKeysInUseFirst(
  client: KMSClient,
  env: {
    readonly ATTESTATION_KEY_ID: string;
    readonly ATTESTATION_KEY_IDS: string;
    readonly CHECKPOINT_KEY_ID: string;
    readonly CHECKPOINT_KEY_IDS: string;
  },
) {
  const attestation = generationsOf(env.ATTESTATION_KEY_ID, env.ATTESTATION_KEY_IDS);
  const checkpoint = generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS);
  const [attestations, checkpoints] = [attestationKeys(client, attestation), checkpointKeys(client, checkpoint)];
  return {
    attestationKeys: async (): Promise<readonly VerifyingKey[]> => inUseFirst(await attestations(), attestation),
    checkpointKeys: async (): Promise<readonly Uint8Array[]> =>
      inUseFirst(await checkpoints(), checkpoint).map(({ publicKey }) => publicKey),
  };
}

/** The attestation keys whose signatures of an instant count, by what is recorded about the keys. */
export function attestationKeysInForce(
  keys: ReturnType<typeof attestationKeys>,
  facts: { keyFacts(): Promise<readonly Fact[]> },
) {
  return async (at: Instant): Promise<readonly VerifyingKey[]> =>
    keysInForce(await keys(), "attestation", await facts.keyFacts(), at);
}
