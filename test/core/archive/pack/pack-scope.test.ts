import { beforeAll, describe, expect, it } from "vitest";
import { writePack } from "../../../../core/archive/export/write-pack.ts";
import { blobPath, manifestPath } from "../../../../core/archive/pack/pack-layout.ts";
import {
  type PackManifest,
  type PackScope,
  packManifestBytes,
  readPackManifest,
} from "../../../../core/archive/pack/pack-manifest.ts";
import { fromUtf8, hex } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../../core/encoding/instant.ts";
import { leafHash } from "../../../../core/ledger/merkle.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../../core/promotion/ledger-record.ts";
import {
  createdAt,
  type Files,
  ledgerOf,
  packOf,
  type Recorded,
  recordStories,
  resealed,
  settingsOf,
  verified,
} from "../pack-fixture.ts";

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

function promotionsOf(files: Files): readonly string[] {
  return JSON.parse(fromUtf8(files.get("manifest.json") ?? new Uint8Array())).promotions;
}

function manifestOf(files: Files): PackManifest {
  return readPackManifest(files.get("manifest.json") ?? new Uint8Array());
}

const textOf = (files: Files) => [...files.values()].map((bytes) => Buffer.from(bytes).toString("latin1")).join("\n");

describe("a pack of a part", () => {
  it("of one promotion holds, with a proof for each record and nothing of the others", async () => {
    const files = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.rejected } });
    const result = await verified(files);
    expect(result.findings).toEqual([]);
    expect(result.promotions).toEqual([
      {
        promotion: recorded.rejected,
        outcome: "PASSED",
        title: "credit-scoring 2.0.0 in production",
        status: "rejected",
        signOffs: 2,
      },
    ]);
    const records = [...files.keys()].filter((name) => name.startsWith("records/")).length;
    expect([...files.keys()].filter((name) => name.startsWith("proofs/"))).toHaveLength(records);
    expect(textOf(files)).not.toContain(recorded.deployed);
    expect(textOf(files)).not.toContain(recorded.blocked);
  });

  it("says that the log may hold more about it", async () => {
    const result = await verified(
      await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.rejected } }),
    );
    expect(result.unchecked.map(({ sentence }) => sentence).join(" ")).toContain(
      "Whether the log holds more about these promotions",
    );
  });

  it("of a model or a time holds whole promotions", async () => {
    const model = await packOf(recorded, { scope: { kind: "model", model: "credit-scoring" } });
    expect(promotionsOf(model)).toEqual([recorded.deployed, recorded.rejected, recorded.blocked]);
    const from = recorded.house.facts.find(({ promotion }) => promotion === recorded.blocked)?.at as Instant;
    const time = await packOf(recorded, { scope: { kind: "time", from, to: "2027-01-01T00:00:00.000Z" as Instant } });
    expect(promotionsOf(time)).toEqual([recorded.blocked]);
    expect((await verified(time)).holds).toBe(true);
  });

  it.each<[string, () => PackScope, string]>([
    [
      "another model",
      () => ({ kind: "model", model: "fraud-detection" }),
      "The manifest says that the pack holds the model 'fraud-detection'; this promotion is of another.",
    ],
    [
      "another time",
      () => ({ kind: "time", from: "2020-01-01T00:00:00.000Z" as Instant, to: "2021-01-01T00:00:00.000Z" as Instant }),
      "The manifest says that the pack holds what was recorded from 2020-01-01T00:00:00.000Z to 2021-01-01T00:00:00.000Z; nothing of this promotion was.",
    ],
  ])("does not pass for one of %s, which whoever hands it on can write into it", async (_, scope, sentence) => {
    const files = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.rejected } });
    const handedOn = packManifestBytes({ ...manifestOf(files), scope: scope() });
    const { findings } = await verified(resealed(files, { [manifestPath]: handedOn }));
    expect(findings).toEqual([
      { code: "manifest-differs", path: manifestPath, sentence, promotion: recorded.rejected },
    ]);
  });

  it("says that whoever handed it on can have left out promotions of that model or time", async () => {
    const unchecked = async (scope: PackScope) =>
      (await verified(await packOf(recorded, { scope }))).unchecked.map(({ sentence }) => sentence);
    expect(await unchecked({ kind: "model", model: "credit-scoring" })).toContain(
      "Whether the log holds other promotions of 'credit-scoring': whoever hands on a part can leave some out.",
    );
    const [from, to] = ["2026-01-01T00:00:00.000Z" as Instant, "2027-01-01T00:00:00.000Z" as Instant];
    expect(await unchecked({ kind: "time", from, to })).toContain(
      "Whether the log holds other promotions of that time: whoever hands on a part can leave some out.",
    );
  });

  it("of a time may have left out the one record of it that was about people alone", async () => {
    const at = createdAt;
    const opened: Fact = {
      id: `${recorded.deployed}/link-opened/1`,
      type: "link-opened",
      at,
      promotion: recorded.deployed,
      summary: "A link was opened.",
      body: {},
      attachments: [],
    };
    const files = await packOf(recorded, {
      scope: { kind: "time", from: at, to: addSeconds(at, 1) },
      withoutPersonalData: true,
      facts: [...recorded.house.facts, opened],
    });
    expect(promotionsOf(files)).toEqual([recorded.deployed]);
    expect((await verified(files)).findings).toEqual([]);
  });

  it("is not made where there is nothing of it", async () => {
    const { reader } = await ledgerOf(recorded.house.facts, recorded.house.blobs);
    const none = async () => {
      for await (const _ of writePack(reader, settingsOf(recorded, { scope: { kind: "model", model: "other" } }))) {
        // All of it, to come to the end.
      }
    };
    await expect(none()).rejects.toMatchObject({ code: "not-found" });
  });
});

describe("a pack without personal data", () => {
  const letter = (): Fact => ({
    id: `${recorded.deployed}/asked/1`,
    type: "notification-sent",
    at: createdAt,
    promotion: recorded.deployed,
    summary: "Cora was asked by email to review the stage 'compliance'.",
    body: { channel: "email" },
    attachments: [],
  });
  const packed = (scope: PackScope) =>
    packOf(recorded, { scope, withoutPersonalData: true, facts: [...recorded.house.facts, letter()] });

  it.each([
    ["of everything", (): PackScope => ({ kind: "everything" })],
    ["of one promotion", (): PackScope => ({ kind: "promotion", promotion: recorded.deployed })],
  ])("%s names what it leaves out by its hash, holds, and says what was not checked", async (_, scope) => {
    const files = await packed(scope());
    const result = await verified(files);
    expect(result.findings).toEqual([]);
    const told = result.unchecked.map(({ sentence }) => sentence).join(" ");
    expect(told).toContain("Left out, so what they prove was not checked: ");
    expect(told).toContain("What 1 records say that were left out as being about letters, opened links and exports");
    expect(told).toContain("Whether the log holds more about these promotions than the pack");
    const { documentsLeftOut, personalRecordsLeftOut } = manifestOf(files);
    expect(new Set(documentsLeftOut.map(({ name }) => name))).toEqual(
      new Set(["id-token.jwt", "people.json", "people.yaml", "channels.yaml"]),
    );
    for (const { sha256 } of documentsLeftOut) expect(files.has(blobPath(sha256))).toBe(false);
    const leaf = hex(leafHash(ledgerEntry(letter())));
    const index = recorded.house.facts.length;
    expect(personalRecordsLeftOut).toEqual([{ index, type: "notification-sent", leafHash: leaf }]);
    expect(textOf(files)).not.toMatch(/eyJhbGciOi|(?:cora|dana|sam)@|asked by email|address:|otherAddresses/);
  });

  it("does not call a record left out that is another one, or is there", async () => {
    const files = await packed({ kind: "everything" });
    const manifest = manifestOf(files);
    const [left] = manifest.personalRecordsLeftOut ?? [];
    if (left === undefined) throw new Error("Nothing was left out.");
    for (const changed of [
      { ...left, leafHash: "0".repeat(64) },
      { ...left, index: 0 },
      { ...left, type: "rejected" },
    ]) {
      const bytes = canonicalJsonBytes({ ...manifest, personalRecordsLeftOut: [changed] });
      const result = await verified(resealed(files, { "manifest.json": bytes }));
      const found = result.findings.map(({ code, path }) => `${code} ${path}`);
      // The one that is left out is named by nothing then, where that is asked by its index and hash.
      const missing = changed.type === left.type ? [`record-missing records/${left.index}.json`] : [];
      expect(found).toEqual([...missing, "manifest-differs manifest.json"]);
    }
  });
});

describe("the log alone", () => {
  it("is never taken for a full verification", async () => {
    const result = await verified(await packOf(recorded), { mode: "checkpoint" });
    expect(result.holds).toBe(true);
    expect(result.promotions.map(({ outcome }) => outcome)).toEqual(["NOT CHECKED", "NOT CHECKED", "NOT CHECKED"]);
    expect(result.unchecked.map(({ sentence }) => sentence).join(" ")).toContain("No person's signature");
  });
});
