import { KMSClient } from "@aws-sdk/client-kms";
import { describe, expect, it, onTestFinished } from "vitest";
import { attestationSigner, checkpointSigner } from "../../../adapters/kms/signer.ts";
import { verifierKeyText } from "../../../core/archive/people/ledger-keys.ts";
import {
  type KeyChange,
  type KeyGeneration,
  keyFact,
  keyFactWith,
  keyGeneration,
} from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { noteKey } from "../../../core/ledger/note-key.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import {
  attestationKeys,
  attestationKeysInForce,
  checkpointKeys,
  generationsOf,
  publicKeysInUseFirst,
  recordOfKeyInUse,
} from "../../../functions/keys/key-generations.ts";
import { startKms } from "../../../local/kms/kms.ts";
import { credentials, RecordedCalls, scratchDirectory } from "../../local/recorded-calls.ts";

const at = "2026-11-27T09:00:00.000Z" as Instant;
const attestationBase = "https://countersign.example";
const logOrigin = "countersign.example/ledger";
const generations = [1, 2, 3] as const;

/** A KMS with three generations of both roles, and what a deployment tells of them that uses the one asked for. */
async function scene(inUse: 1 | 2 | 3 = 2, facts: readonly Fact[] = []) {
  const local = await startKms({ directory: scratchDirectory(), log: new RecordedCalls() });
  onTestFinished(() => local.close());
  const kms = new KMSClient({ endpoint: local.url, region: "us-east-1", credentials, maxAttempts: 1 });
  onTestFinished(() => kms.destroy());
  const made = (role: string, keySpec: string) =>
    generations.map((each) => local.createKey({ logicalId: role + each, keySpec, keyUsage: "SIGN_VERIFY" }).arn);
  const [attestationIds, checkpointIds] = [made("A", "ECC_NIST_P256"), made("C", "ECC_NIST_EDWARDS25519")];
  const attestations = attestationIds.map((id) => attestationSigner(kms, id));
  const checkpoints = checkpointIds.map((id) => checkpointSigner(kms, id));
  const raw = await Promise.all(checkpoints.map(({ publicKey }) => publicKey()));
  const pems = await Promise.all(attestations.map(async ({ verifyingKey }) => (await verifyingKey()).pem));
  return {
    kms,
    attestationIds,
    checkpointIds,
    raw,
    keys: {
      attestation: pems.map((pem, place) => keyGeneration("attestation", place + 1, pem)),
      checkpoint: raw.map((key, place) =>
        keyGeneration("checkpoint", place + 1, verifierKeyText(noteKey(logOrigin, "ed25519", key))),
      ),
    },
    sign: {
      attestation: (generation: number, message: Uint8Array) =>
        attestations[generation - 1]?.sign(sha256Bytes(message)) ?? expect.unreachable(),
      checkpoint: (generation: number, message: Uint8Array) =>
        checkpoints[generation - 1]?.sign(message) ?? expect.unreachable(),
    },
    env: {
      ATTESTATION_KEY_ID: attestationIds[inUse - 1] ?? "",
      ATTESTATION_KEY_IDS: attestationIds.join(","),
      ATTESTATION_BASE: attestationBase,
      CHECKPOINT_KEY_ID: checkpointIds[inUse - 1] ?? "",
      CHECKPOINT_KEY_IDS: checkpointIds.join(","),
      LOG_ORIGIN: logOrigin,
    },
    recorded: { keyFacts: async () => facts, attestationBase, logOrigin },
  };
}

const asHeld = ({ keyid, text: pem, generation }: KeyGeneration) => ({ keyid, pem, generation });

describe("the generations that an environment names", () => {
  it("are counted from 1, the oldest first, and one of them signs", () => {
    expect(generationsOf("b", "a,b,c")).toEqual({ ids: ["a", "b", "c"], inUse: 2 });
    expect(generationsOf("a", "a")).toEqual({ ids: ["a"], inUse: 1 });
  });

  it.each(["d", "a,b", ""])("are refused where the key in use is '%s', which is not among them", (inUse) => {
    expect(() => generationsOf(inUse, "a,b,c")).toThrow(
      "The environment of this function is not complete: the key in use is not listed.",
    );
  });

  it("have a record that publishes each but the first, with which the log began", () => {
    expect(recordOfKeyInUse("checkpoint", generationsOf("a", "a,b"))).toBeUndefined();
    expect(recordOfKeyInUse("checkpoint", generationsOf("b", "a,b"))).toBe("installation/key/checkpoint/2/published");
  });
});

describe("the public keys of a deployment", () => {
  it("are those of every generation, the oldest first", async () => {
    const { kms, attestationIds, checkpointIds, keys, recorded } = await scene();
    expect(await attestationKeys(kms, { ids: attestationIds, inUse: 2 }, recorded)()).toEqual(
      keys.attestation.map(asHeld),
    );
    expect(await checkpointKeys(kms, { ids: checkpointIds, inUse: 2 }, recorded)()).toEqual(keys.checkpoint);
  });

  it.each([
    [1, [1, 3, 2]],
    [2, [2, 3, 1]],
    [3, [3, 2, 1]],
  ] as const)("begin for whoever verifies with the one in use, which is %i, then the newest", async (inUse, order) => {
    const { kms, env, keys, raw, recorded } = await scene(inUse);
    const published = publicKeysInUseFirst(kms, env, recorded);
    expect((await published.attestationKeys()).map(({ keyid }) => keyid)).toEqual(
      order.map((generation) => keys.attestation[generation - 1]?.keyid),
    );
    expect(await published.checkpointKeys()).toEqual(order.map((generation) => raw[generation - 1]));
  });

  it.each(["attestation", "checkpoint"] as const)(
    "are refused where the %s key in use is not listed, before anything is asked of KMS",
    async (role) => {
      const { kms, env, recorded } = await scene();
      const other = role === "attestation" ? { ATTESTATION_KEY_ID: "other" } : { CHECKPOINT_KEY_ID: "other" };
      expect(() => publicKeysInUseFirst(kms, { ...env, ...other }, recorded)).toThrow("the key in use is not listed");
    },
  );

  it("are of both roles as their successors recorded them where KMS has the oldest no more", async () => {
    const { kms, env, keys, raw, sign } = await scene();
    const retired: KeyChange = { change: "retired", until: at };
    const facts = await Promise.all(
      (["attestation", "checkpoint"] as const).map(async (role) => {
        const [first, second] = keys[role];
        if (first === undefined || second === undefined) return expect.unreachable();
        const voucher = { keyid: second.keyid, sign: (message: Uint8Array) => sign[role](2, message) };
        return keyFact(first, retired, at, attestationBase, voucher);
      }),
    );
    const gone = (ids: string) => ids.replace(/^[^,]+/, "gone");
    const { ATTESTATION_KEY_IDS, CHECKPOINT_KEY_IDS } = env;
    const left = {
      ...env,
      ATTESTATION_KEY_IDS: gone(ATTESTATION_KEY_IDS),
      CHECKPOINT_KEY_IDS: gone(CHECKPOINT_KEY_IDS),
    };
    const published = publicKeysInUseFirst(kms, left, { keyFacts: async () => facts });
    expect((await published.attestationKeys()).at(-1)?.keyid).toBe(keys.attestation[0]?.keyid);
    expect((await published.checkpointKeys()).at(-1)).toEqual(raw[0]);
    const unknown = publicKeysInUseFirst(kms, left, { keyFacts: async () => [] });
    await expect(unknown.attestationKeys()).rejects.toMatchObject({ name: "NotFoundException" });
    await expect(unknown.checkpointKeys()).rejects.toMatchObject({ name: "NotFoundException" });
  });
});

describe("the attestation keys in force", () => {
  it.each([
    ["the first alone before the next was published", -1, [1]],
    ["both from then on", 0, [1, 2]],
    ["both until the first ends", 3599, [1, 2]],
    ["the second alone from then on", 3600, [2]],
  ] as const)("are %s", async (_, seconds, expected) => {
    const { kms, env, keys } = await scene();
    const [first, second] = keys.attestation;
    if (first === undefined || second === undefined) return expect.unreachable();
    const facts = [
      keyFactWith(second, { change: "published" }, at, undefined),
      keyFactWith(first, { change: "retired", until: addSeconds(at, 3600) }, at, undefined),
    ];
    const inForce = attestationKeysInForce(kms, env, { keyFacts: async () => facts });
    expect(await inForce(addSeconds(at, seconds))).toEqual(
      expected.map((generation) => asHeld(keys.attestation[generation - 1] ?? expect.unreachable())),
    );
  });
});
