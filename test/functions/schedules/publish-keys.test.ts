import { generateKeyPairSync } from "node:crypto";
import { describe, expect, it } from "vitest";
import { keyFact, keyGeneration } from "../../../core/attestation/key-record.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Bytes } from "../../../core/encoding/sha256.ts";
import { type PublishKeysPorts, publishKeys } from "../../../functions/schedules/publish-keys/handler.ts";
import { type AttestationKey, attestation, attestationKey } from "../../core/attestation/signing-keys.ts";
import { MemoryPromotions } from "../memory-promotions.ts";

const second = attestationKey();
const now = "2026-11-23T09:00:00.000Z" as Instant;

const checkpointPem = generateKeyPairSync("ed25519").publicKey.export({ format: "pem", type: "spki" }).toString();

function deployment(
  promotions: MemoryPromotions,
  keys: readonly AttestationKey[],
  inUse: number,
  facts: PublishKeysPorts["facts"] = promotions,
  others: PublishKeysPorts["roles"] = [],
) {
  return publishKeys({
    now: () => now,
    log: () => undefined,
    attestationBase: "https://countersign.example",
    facts,
    roles: [
      {
        role: "attestation",
        inUse,
        generations: async () => keys.map(({ key }, at) => keyGeneration("attestation", at + 1, key.pem)),
        sign: async (message) => (keys[inUse - 1] ?? attestation).sign(sha256Bytes(message)),
      },
      ...others,
    ],
  });
}

const recorded = (promotions: MemoryPromotions) => promotions.recordedFacts().map(({ id }) => id);

describe("the service's keys are recorded", () => {
  it("once, however often the schedule rings", async () => {
    const promotions = new MemoryPromotions();
    const ring = deployment(promotions, [attestation], 1);
    expect(await ring()).toEqual(await ring());
    expect(recorded(promotions)).toEqual(["installation/key/attestation/1/published"]);
    expect(promotions.recordedFacts()[0]).toMatchObject({
      type: "key",
      at: now,
      body: { change: "published", keyid: attestation.key.keyid, key: attestation.key.pem, voucher: null },
    });
  });

  it("a new one while the old one signs; the old one as retired once the new one does", async () => {
    const promotions = new MemoryPromotions();
    await deployment(promotions, [attestation], 1)();
    await deployment(promotions, [attestation, second], 1)();
    const { keys } = await deployment(promotions, [attestation, second], 2)();
    expect(keys.map(({ generation, inUse, retired }) => ({ generation, inUse, retired }))).toEqual([
      { generation: 1, inUse: false, retired: "2026-11-23T10:00:00.000Z" },
      { generation: 2, inUse: true, retired: undefined },
    ]);
    expect(recorded(promotions)).toEqual([
      "installation/key/attestation/1/published",
      "installation/key/attestation/2/published",
      "installation/key/attestation/1/retired",
    ]);
  });
});

describe("keys that are recorded", () => {
  it("stay so: one that is retired is not retired again, in whatever order they are read", async () => {
    const promotions = new MemoryPromotions();
    const keyFacts = async () => (await promotions.keyFacts()).toReversed();
    const facts = { keyFacts, recordFact: promotions.recordFact };
    await deployment(promotions, [attestation, second], 1)();
    const first = await deployment(promotions, [attestation, second], 2, facts)();
    expect(await deployment(promotions, [attestation, second], 2, facts)()).toEqual(first);
    expect(recorded(promotions)).toHaveLength(3);
    expect(first.keys.map(({ published }) => published)).toEqual([now, now]);
  });

  it("of another role stand in no way of this one's", async () => {
    const promotions = new MemoryPromotions();
    const others = keyGeneration("checkpoint", 1, checkpointPem);
    const about = await keyFact(others, { change: "published" }, now, "https://countersign.example", undefined);
    await promotions.recordFact(about);
    await deployment(promotions, [attestation], 1)();
    expect(recorded(promotions)).toEqual([about.id, "installation/key/attestation/1/published"]);
  });
});

describe("what is wrong with the keys of one role", () => {
  it("keeps no other role's from being published, and is said once they were", async () => {
    const promotions = new MemoryPromotions();
    await deployment(promotions, [attestation], 1)();
    const checkpoint = {
      role: "checkpoint" as const,
      inUse: 1,
      generations: async () => [keyGeneration("checkpoint", 1, checkpointPem)],
      sign: async () => new Uint8Array(64),
    };
    const publish = deployment(promotions, [second], 1, promotions, [checkpoint]);
    await expect(publish()).rejects.toThrow("The attestation key 1 is not the one that was published as such.");
    expect(recorded(promotions)).toEqual([
      "installation/key/attestation/1/published",
      "installation/key/checkpoint/1/published",
    ]);
  });
});

describe("it stops, and records nothing more of the role,", () => {
  it("where a new key was put in use before the old one could sign for it", async () => {
    const promotions = new MemoryPromotions();
    await deployment(promotions, [attestation], 1)();
    await expect(deployment(promotions, [attestation, second], 2)()).rejects.toThrow(
      "The attestation key 2 needs the signature of key 1, and key 2 is in use: deploy with key 1 in use first.",
    );
    expect(recorded(promotions)).toHaveLength(1);
  });

  it("where a retired key is in use again", async () => {
    const promotions = new MemoryPromotions();
    await deployment(promotions, [attestation, second], 1)();
    await deployment(promotions, [attestation, second], 2)();
    await expect(deployment(promotions, [attestation, second], 1)()).rejects.toThrow("in use again, and was retired");
  });

  it("where a key is not the one that was published under its number", async () => {
    const promotions = new MemoryPromotions();
    await deployment(promotions, [attestation], 1)();
    await expect(deployment(promotions, [second], 1)()).rejects.toThrow("is not the one that was published as such");
    expect(recorded(promotions)).toHaveLength(1);
  });
});
