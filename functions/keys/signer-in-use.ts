import type { KMSClient } from "@aws-sdk/client-kms";
import { attestationSigner } from "../../adapters/kms/signer.ts";
import type { VerifyingKey } from "../../core/attestation/dsse.ts";
import { keysInForce } from "../../core/attestation/key-periods.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import { now } from "../clock.ts";
import { generationsOf } from "./key-generations.ts";

interface Signer {
  readonly sign: (digest: Uint8Array) => Promise<Uint8Array>;
  readonly verifyingKey: () => Promise<VerifyingKey>;
}

export interface OncePublishedPorts {
  readonly now: () => Instant;
  /** What is recorded about the service's keys. */
  readonly keyFacts: () => Promise<readonly Fact[]>;
}

/** By so much the clocks of two functions may differ: what is signed has a time after that of its key's record. */
const apartSeconds = 60;

/** The attestation key in use, for a function of this deployment. */
export function signerInUse(
  kms: KMSClient,
  env: { readonly ATTESTATION_KEY_ID: string; readonly ATTESTATION_KEY_IDS: string },
  { keyFacts }: Pick<OncePublishedPorts, "keyFacts">,
): Signer {
  const { inUse } = generationsOf(env.ATTESTATION_KEY_ID, env.ATTESTATION_KEY_IDS);
  return oncePublished(attestationSigner(kms, env.ATTESTATION_KEY_ID), inUse, { now, keyFacts });
}

/** So long what was found of the key is taken to hold: it ends an hour after that is recorded. */
const rememberedSeconds = 300;

/**
 * Signs by a key of this generation only while it is recorded that it may: the archive puts the record of a key before whatever it
 * is told later, and what stood before that, or comes after the key's end, would be refused by every verifier for good. A
 * deployment that put the next key in use may have rolled back once that had ended this one. Throws `unavailable` then.
 */
export function oncePublished(signer: Signer, generation: number, { now, keyFacts }: OncePublishedPorts): Signer {
  let foundAt: Instant | undefined;
  return {
    verifyingKey: signer.verifyingKey,
    sign: async (digest) => {
      const at = now();
      if (foundAt === undefined || at >= addSeconds(foundAt, rememberedSeconds)) {
        await requireInForce(at);
        foundAt = at;
      }
      return signer.sign(digest);
    },
  };

  async function requireInForce(at: Instant): Promise<void> {
    const key = { ...(await signer.verifyingKey()), generation };
    const facts = await keyFacts();
    const isInForce = (instant: Instant) => keysInForce([key], "attestation", facts, instant).length > 0;
    if (!isInForce(addSeconds(at, -apartSeconds)))
      throw new Failure(
        "unavailable",
        `The attestation key ${generation} is in use and was not published a minute ago, or has ended: nothing is signed by it.`,
      );
    if (!isInForce(addSeconds(at, rememberedSeconds + apartSeconds)))
      throw new Failure(
        "unavailable",
        `The attestation key ${generation} is in use and has ended, or is about to: nothing is signed by it any more.`,
      );
  }
}
