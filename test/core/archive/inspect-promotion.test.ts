import { describe, expect, it } from "vitest";
import { inspectPromotion, type PromotionContext } from "../../../core/archive/inspect-promotion.ts";
import { documentCache } from "../../../core/archive/pack/pack-documents.ts";
import { blobPath, reportPath } from "../../../core/archive/pack/pack-layout.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Files } from "./memory-pack.ts";
import { factOf } from "./retelling.ts";
import { keptFiles, keptManifest, policyOf, recordsOf, told, trustIn } from "./told.ts";

const records = recordsOf(told.house.facts);
const { trust } = await trustIn({});

/** What a promotion of the kept pack comes to, with all its records or those before an entry. */
async function inspected(promotion: PromotionId, files: Files = keptFiles, before = records.length) {
  const context: PromotionContext = {
    ...{ source: memorySource(files), trust, policyOf },
    scope: { kind: "everything" },
    packVersion: keptManifest.packVersion,
    left: { leftOut: new Set(), withoutPersonalData: false },
    ...{ cache: documentCache(), judged: new Map() },
  };
  const own = records.filter(({ record, index }) => record.promotion === promotion && index < before);
  return await inspectPromotion(promotion, own, context);
}

describe("a promotion in a pack", () => {
  it("comes to what its records say, with its row of the table and its place among the others", async () => {
    const result = await inspected(told.deployed);
    expect(result.findings).toEqual([]);
    expect(result.verdict).toEqual({
      promotion: told.deployed,
      title: expect.stringMatching(/^credit-scoring 2\.\d+\.\d+ in production$/),
      status: "restricted",
      signOffs: 3,
    });
    expect(result.row[0]).toBe(told.deployed);
    expect(result.place).toMatchObject({ promotion: told.deployed });
    expect(result.under).toMatchObject({ kind: "told", announced: [{ promotion: told.deployed, asOwn: true }] });
    expect(result.unchecked).not.toEqual([]);
    expect(result).not.toHaveProperty("budgeted");
    expect(result).not.toHaveProperty("running");
  });

  it("tells of its loan, and whether that runs", async () => {
    const ended = told.house.facts.indexOf(factOf(told.house, "loan-ended", told.lent));
    const over = await inspected(told.lent);
    expect(over.budgeted).toMatchObject({ promotion: told.lent });
    expect(over).not.toHaveProperty("running");
    expect((await inspected(told.lent, keptFiles, ended)).running).toMatchObject({ promotion: told.lent });
  });

  it("has no place where it is of policies, and is named alone where nothing of it can be read", async () => {
    expect(await inspected(told.policies)).not.toHaveProperty("place");
    const nothing = await inspected(told.withdrawn, keptFiles, 0);
    expect(nothing.verdict).toEqual({ promotion: told.withdrawn });
    expect(nothing.findings.map(({ code }) => code)).toContain("life-cycle");
  });

  it("has every document that its records name, and the files that are made of them, or it is told of it", async () => {
    const wanted = factOf(told.house, "deployed", told.deployed).attachments[0]?.sha256;
    if (wanted === undefined) throw new Error("It brings what the target said.");
    const files = new Map(keptFiles).set(reportPath(told.deployed), utf8("<p>Fine.</p>"));
    files.delete(blobPath(wanted));
    const { findings } = await inspected(told.deployed, files);
    expect(findings.map(({ code, path, promotion }) => ({ code, path, promotion }))).toEqual([
      { code: "document-missing", path: blobPath(wanted), promotion: told.deployed },
      { code: "view-differs", path: reportPath(told.deployed), promotion: told.deployed },
    ]);
  });
});
