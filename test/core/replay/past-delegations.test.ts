import { describe, expect, it } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import { base64 } from "../../../core/encoding/base64.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { pastDelegations } from "../../../core/replay/past-delegations.ts";
import { recordsOf, told } from "../archive/told.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";

// Dana let Emil sign in her place for a while, and took it back.

const { facts, blobs } = told.house;
const read: ReadDocument = async (sha256) => blobs.get(sha256);
const records = recordsOf(facts).filter(({ record }) => record.promotion === undefined);
const [given, revoked] = records.filter(({ record }) => record.type.startsWith("delegat"));
if (given === undefined || revoked === undefined) throw new Error("A delegation was given and taken back.");
const id = given.record.body["delegation"];

/** What can be told where its document's bytes are others. */
const reading = (bytes: Uint8Array | undefined) => {
  const wanted = given.record.attachments.find(({ name }) => name === "delegation.dsse.json")?.sha256;
  return pastDelegations([given, revoked], async (sha256) => (sha256 === wanted ? bytes : blobs.get(sha256)));
};
const envelopeOf = (payload: Uint8Array) =>
  canonicalJsonBytes({
    payload: base64(payload),
    payloadType: "application/vnd.in-toto+json",
    signatures: [{ keyid: "a".repeat(64), sig: "AAAA" }],
  });
const named = (each: PromotionRecord, body: object): PromotionRecord => ({
  ...each,
  record: { ...each.record, body: { ...each.record.body, ...body } },
});

describe("the delegations of an archive", () => {
  it("are as they were recorded: between whom, of what, and when it was taken back", async () => {
    const [delegation, ...others] = await pastDelegations(records, read);
    expect(others).toEqual([]);
    expect(delegation).toEqual({
      id,
      delegator: given.record.body["delegator"],
      delegate: given.record.body["delegate"],
      delegatorName: "sub-dana",
      delegatorGroups: ["lead-data-scientists"],
      role: "lead-data-scientist",
      scope: { modelType: "credit-scoring" },
      from: "2026-11-23T08:00:00.000Z",
      until: "2026-11-30T08:00:00.000Z",
      recordedAt: given.record.at,
      revokedAt: revoked.record.at,
    });
  });

  it("are in force until somebody takes them back: that one, and no other", async () => {
    const [kept] = await pastDelegations([given], read);
    expect(kept).toMatchObject({ id });
    expect(kept).not.toHaveProperty("revokedAt");
    const [still] = await pastDelegations([given, named(revoked, { delegation: digestOf("another") })], read);
    expect(still).toMatchObject({ id });
    expect(still).not.toHaveProperty("revokedAt");
  });

  it("are none where one was only taken back", async () => {
    expect(await pastDelegations([revoked], read)).toEqual([]);
    expect(await pastDelegations([], read)).toEqual([]);
  });

  it("are taken from records of delegations alone", async () => {
    const other = { ...given, record: { ...given.record, type: "passkey-enrolled" as const } };
    expect(await pastDelegations([other], read)).toEqual([]);
  });

  it("are left out where the document is not named, not there, or nothing that can be read", async () => {
    const bare = { ...given, record: { ...given.record, attachments: [] } };
    expect(await pastDelegations([bare], read)).toEqual([]);
    expect(await reading(undefined)).toEqual([]);
    for (const bytes of [
      utf8("no JSON"),
      utf8("{}"),
      envelopeOf(utf8("no JSON")),
      envelopeOf(utf8("null")),
      envelopeOf(utf8("{}")),
      envelopeOf(utf8('{"predicate":{"delegation":{}}}')),
    ])
      expect(await reading(bytes)).toEqual([]);
  });

  it("are not guessed where reading breaks for a reason of its own", async () => {
    const broken = async () => {
      throw new Error("The disk is gone.");
    };
    await expect(pastDelegations([given], broken)).rejects.toThrow("The disk is gone.");
  });
});
