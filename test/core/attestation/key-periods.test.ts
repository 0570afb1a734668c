import { describe, expect, it } from "vitest";
import { keysInForce } from "../../../core/attestation/key-periods.ts";
import { type KeyChange, keyFact, keyGeneration, readKeyRecord } from "../../../core/attestation/key-record.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { codeOf } from "../refusal.ts";
import { attestation, attestationKey } from "./signing-keys.ts";

const published = "2026-11-23T09:00:00.000Z" as Instant;
const until = "2026-11-24T09:00:00.000Z" as Instant;
const pems = [attestation.key.pem, attestationKey().key.pem];
const keys = pems.map((pem, at) => keyGeneration("attestation", at + 1, pem));

function fact(generation: number, change: KeyChange) {
  const key = keys[generation - 1];
  if (key === undefined) throw new Error("There is no such key.");
  return keyFact(key, change, published, "https://countersign.example", undefined);
}

describe("the signature of a key counts", () => {
  it("of the first from the beginning, even before anything is recorded; of a later one from its record on", async () => {
    expect(keysInForce(keys, "attestation", [], published)).toEqual([keys[0]]);
    const facts = [await fact(2, { change: "published" })];
    expect(keysInForce(keys, "attestation", facts, addSeconds(published, -1))).toEqual([keys[0]]);
    expect(keysInForce(keys, "attestation", facts, published)).toEqual(keys);
  });

  it("until it is retired, excluding that instant", async () => {
    const facts = [await fact(2, { change: "published" }), await fact(1, { change: "retired", until })];
    expect(keysInForce(keys, "attestation", facts, addSeconds(until, -1))).toEqual(keys);
    expect(keysInForce(keys, "attestation", facts, until)).toEqual([keys[1]]);
  });

  it("by what was published, not by when it is retired; and by no fact about anything else", async () => {
    const soon = [await fact(2, { change: "retired", until })];
    expect(keysInForce(keys, "attestation", soon, published)).toEqual([keys[0]]);
    const early = [{ ...(await fact(2, { change: "published" })), at: addSeconds(until, 60) }, ...soon];
    expect(keysInForce(keys, "attestation", early, addSeconds(published, 1))).toEqual([keys[0]]);
    const { body: _, ...other } = await fact(2, { change: "published" });
    const stray = [{ ...other, type: "installation" as const, body: {} }];
    expect(keysInForce(keys, "attestation", stray, published)).toEqual([keys[0]]);
  });

  it("whatever is recorded about the keys of another role", async () => {
    const facts = [await fact(1, { change: "retired", until })];
    expect(keysInForce(keys, "checkpoint", facts, until)).toEqual([keys[0]]);
  });
});

describe("the record of a key is refused", () => {
  it.each<[string, object, string]>([
    ["where it names the key by another id", { keyid: "0".repeat(64) }, "does not have the id"],
    ["under the id of another", { generation: 2 }, "under the id of another"],
    ["where it says more than it may", { more: 1 }, "is not that of a key's record"],
    ["where it does not say until when", { change: "retired" }, "is not that of a key's record"],
  ])("%s", async (_, over, sentence) => {
    const good = await fact(1, { change: "published" });
    expect(codeOf(() => readKeyRecord({ ...good, body: { ...good.body, ...over } }))).toEqual({
      code: "pack-invalid",
      sentence: expect.stringContaining(sentence),
    });
  });
});
