import type { KMSClient } from "@aws-sdk/client-kms";
import { attestationSigner, checkpointSigner } from "../../adapters/kms/signer.ts";
import { verifierKeyText } from "../../core/archive/people/ledger-keys.ts";
import type { VerifyingKey } from "../../core/attestation/dsse.ts";
import { keysInForce } from "../../core/attestation/key-periods.ts";
import { type KeyRole, keyFactId, keyGeneration } from "../../core/attestation/key-record.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { noteKey, parseVerifierKey } from "../../core/ledger/note-key.ts";
import { orAsRecorded, type RecordedKeys } from "./recorded-keys.ts";

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
export function attestationKeys(client: KMSClient, { ids }: Generations, recorded: RecordedKeys) {
  const asked = ids.map((id, at) => {
    const signer = attestationSigner(client, id);
    return async () => keyGeneration("attestation", at + 1, (await signer.verifyingKey()).pem);
  });
  return async (): Promise<readonly (VerifyingKey & { readonly generation: number })[]> =>
    (await orAsRecorded("attestation", asked, recorded)).map(({ generation, keyid, text: pem }) => ({
      ...{ keyid, pem, generation },
    }));
}

/** Every generation of the checkpoint keys, the oldest first, as they are published. */
export function checkpointKeys(
  client: KMSClient,
  { ids }: Generations,
  { logOrigin, ...recorded }: RecordedKeys & { readonly logOrigin: string },
) {
  const asked = ids.map((id, at) => {
    const signer = checkpointSigner(client, id);
    return async () =>
      keyGeneration("checkpoint", at + 1, verifierKeyText(noteKey(logOrigin, "ed25519", await signer.publicKey())));
  });
  return () => orAsRecorded("checkpoint", asked, recorded);
}

/** The keys with the one in use first, then the newest first: how whoever verifies is given them. */
function inUseFirst<Key extends { readonly generation: number }>(
  keys: readonly Key[],
  { inUse }: Generations,
): readonly Key[] {
  const rank = ({ generation }: Key) => (generation === inUse ? Number.POSITIVE_INFINITY : generation);
  return keys.toSorted((a, b) => rank(b) - rank(a));
}

interface AttestationEnvironment {
  readonly ATTESTATION_KEY_ID: string;
  readonly ATTESTATION_KEY_IDS: string;
  readonly ATTESTATION_BASE: string;
}

/** All public keys of a deployment, as its environment names them: of each role the one in use first. */
export function publicKeysInUseFirst(
  client: KMSClient,
  env: AttestationEnvironment & {
    readonly CHECKPOINT_KEY_ID: string;
    readonly CHECKPOINT_KEY_IDS: string;
    readonly LOG_ORIGIN: string;
  },
  { keyFacts }: Pick<RecordedKeys, "keyFacts">,
) {
  const attestation = generationsOf(env.ATTESTATION_KEY_ID, env.ATTESTATION_KEY_IDS);
  const checkpoint = generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS);
  const recorded = { keyFacts, attestationBase: env.ATTESTATION_BASE, logOrigin: env.LOG_ORIGIN };
  const attestations = attestationKeys(client, attestation, recorded);
  const checkpoints = checkpointKeys(client, checkpoint, recorded);
  return {
    attestationKeys: async (): Promise<readonly VerifyingKey[]> => inUseFirst(await attestations(), attestation),
    checkpointKeys: async (): Promise<readonly Uint8Array[]> =>
      inUseFirst(await checkpoints(), checkpoint).map(({ text }) => parseVerifierKey(text.trimEnd()).publicKey),
  };
}

/** The attestation keys of a deployment, as its environment names them, whose signatures of an instant count by what is recorded about the keys. */
export function attestationKeysInForce(
  client: KMSClient,
  env: AttestationEnvironment,
  { keyFacts }: Pick<RecordedKeys, "keyFacts">,
) {
  const generations = generationsOf(env.ATTESTATION_KEY_ID, env.ATTESTATION_KEY_IDS);
  const keys = attestationKeys(client, generations, { keyFacts, attestationBase: env.ATTESTATION_BASE });
  return async (at: Instant): Promise<readonly VerifyingKey[]> =>
    keysInForce(await keys(), "attestation", await keyFacts(), at);
}
