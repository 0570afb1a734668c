import { beforeAll, describe, expect, it } from "vitest";
import { blobPath } from "../../../core/archive/pack-layout.ts";
import { writePack } from "../../../core/archive/write-pack.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { type Files, ledgerOf, packOf, type Recorded, recordStories, settingsOf, verified } from "./pack-fixture.ts";

let recorded: Recorded;
beforeAll(async () => {
  recorded = await recordStories();
});

function promotionsOf(files: Files): readonly string[] {
  return JSON.parse(fromUtf8(files.get("manifest.json") ?? new Uint8Array())).promotions;
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

describe("a pack without ID tokens", () => {
  it("names each by its digest, holds, and says what was not checked", async () => {
    const files = await packOf(recorded, { withoutPersonalData: true });
    const result = await verified(files);
    expect(result.findings).toEqual([]);
    const told = result.unchecked
      .filter(({ promotion }) => promotion === recorded.deployed)
      .map(({ sentence }) => sentence);
    expect(told.join(" ")).toContain("Documents were left out");
    const { documentsLeftOut } = JSON.parse(fromUtf8(files.get("manifest.json") ?? new Uint8Array()));
    expect(documentsLeftOut).toHaveLength(5);
    for (const { sha256 } of documentsLeftOut) expect(files.has(blobPath(sha256))).toBe(false);
    expect(textOf(files)).not.toContain("eyJhbGciOi");
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
