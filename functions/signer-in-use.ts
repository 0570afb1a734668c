import type { KMSClient } from "@aws-sdk/client-kms";
import { attestationSigner } from "../adapters/kms/signer.ts";
import type { VerifyingKey } from "../core/attestation/dsse.ts";
import { keysInForce } from "../core/attestation/key-periods.ts";
import { addSeconds, type Instant } from "../core/encoding/instant.ts";
import { Failure } from "../core/failure.ts";
import type { Fact } from "../core/promotion/fact.ts";
import { now } from "./clock.ts";
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

/**
 * Signs by a key of this generation only once it is recorded that it may: the archive puts that record before whatever it is
 * told later, and what stood before it would be refused by every verifier for good. Throws `unavailable` until then.
 */
export function oncePublished(signer: Signer, generation: number, { now, keyFacts }: OncePublishedPorts): Signer {
  // Its log began with the first key.
  let isPublished = generation === 1;
  return {
    verifyingKey: signer.verifyingKey,
    sign: async (digest) => {
      if (!isPublished) await requirePublished();
      isPublished = true;
      return signer.sign(digest);
    },
  };

  async function requirePublished(): Promise<void> {
    const key = { ...(await signer.verifyingKey()), generation };
    const at = addSeconds(now(), -apartSeconds);
    if (keysInForce([key], "attestation", await keyFacts(), at).length > 0) return;
    throw new Failure(
      "unavailable",
      `The attestation key ${generation} is in use and was not published a minute ago: nothing is signed by it yet.`,
    );
  }
}
