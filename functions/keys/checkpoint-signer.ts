import type { KMSClient } from "@aws-sdk/client-kms";
import { checkpointSigner } from "../../adapters/kms/signer.ts";
import { keyFactId, readKeyRecord } from "../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { CheckpointSigner } from "../../core/ledger/checkpoint.ts";
import type { SequencerPorts, SequencerStore } from "../../core/ledger/sequencer-ports.ts";
import { now } from "../clock.ts";
import { type Generations, generationsOf } from "./key-generations.ts";
import type { OncePublishedPorts } from "./signer-in-use.ts";

/** The checkpoint key in use, for a function of this deployment that appends to the ledger. */
export function checkpointSignerInUse(
  kms: KMSClient,
  env: { readonly CHECKPOINT_KEY_ID: string; readonly CHECKPOINT_KEY_IDS: string; readonly LOG_ORIGIN: string },
  { keyFacts }: Pick<OncePublishedPorts, "keyFacts">,
): () => Promise<CheckpointSigner> {
  const { inUse } = generationsOf(env.CHECKPOINT_KEY_ID, env.CHECKPOINT_KEY_IDS);
  const key = checkpointSigner(kms, env.CHECKPOINT_KEY_ID);
  const sign = untilItEnds(key.sign, inUse, { now, keyFacts });
  return async () => ({ origin: env.LOG_ORIGIN, publicKey: await key.publicKey(), sign });
}

/** So long what was found of the key is taken to hold: it ends an hour after that is recorded. */
const rememberedSeconds = 300;
/** By so much clocks may differ. */
const apartSeconds = 60;

/**
 * Signs no head by a key that has ended, or is about to: each head is kept under Object Lock, and every verifier would refuse it for
 * good. A deployment that put the next key in use may have rolled back once that had ended this one. Throws `unavailable` then.
 */
export function untilItEnds(
  sign: CheckpointSigner["sign"],
  generation: number,
  { now: clock, keyFacts }: OncePublishedPorts,
): CheckpointSigner["sign"] {
  let foundAt: Instant | undefined;
  return async (message) => {
    const at = clock();
    if (foundAt === undefined || at >= addSeconds(foundAt, rememberedSeconds)) {
      await requireNotEnded(at);
      foundAt = at;
    }
    return sign(message);
  };

  async function requireNotEnded(at: Instant): Promise<void> {
    for (const fact of await keyFacts()) {
      if (fact.type !== "key") continue;
      const record = readKeyRecord(fact);
      if (record.role !== "checkpoint" || record.generation !== generation || record.change !== "retired") continue;
      if (record.until <= addSeconds(at, rememberedSeconds + apartSeconds))
        throw new Failure(
          "unavailable",
          `The checkpoint key ${generation} is in use and has ended, or is about to: no head is signed by it any more.`,
        );
    }
  }
}

/**
 * Whether the log tells that the checkpoint key in use has ended, or ends within the hour, for whoever reads the ledger alone. Who has
 * the next key goes on meanwhile; of the newest key there is nothing to ask.
 */
export function keyEndInLog(
  { ids, inUse }: Generations,
  { markers }: Pick<SequencerStore, "markers">,
): NonNullable<SequencerPorts["keyHasEnded"]> {
  const id = keyFactId({ role: "checkpoint", generation: inUse }, { change: "retired" });
  return async () => inUse < ids.length && (await markers([id])).has(id);
}
