import { describe, expect, it } from "vitest";
import { inspectPromotion, inspectSettled, type PromotionContext } from "../../../core/archive/inspect-promotion.ts";
import { documentCache } from "../../../core/archive/pack/pack-documents.ts";
import { blobPath, manifestPath, recordPath, reportPath } from "../../../core/archive/pack/pack-layout.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { Files } from "./memory-pack.ts";
import { factOf } from "./retelling.ts";
import { keptFiles, keptManifest, policyOf, recordsOf, told, trustIn } from "./told.ts";

const records = recordsOf(told.house.facts);
const { trust } = await trustIn({});

const recordsBefore = (before: number, promotion: PromotionId) =>
  records.filter(({ record, index }) => record.promotion === promotion && index < before);
const contextOf = (over: Partial<PromotionContext> = {}, files: Files = keptFiles): PromotionContext => ({
  ...{ source: memorySource(files), trust, policyOf },
  scope: { kind: "everything" },
  packVersion: keptManifest.packVersion,
  left: { leftOut: new Set(), withoutPersonalData: false },
  ...{ cache: documentCache(), judged: new Map() },
  ...over,
});

/** What a promotion of the kept pack comes to, with all its records or those before an entry. */
async function inspected(promotion: PromotionId, files: Files = keptFiles, before = records.length) {
  return await inspectPromotion(promotion, recordsBefore(before, promotion), contextOf({}, files));
}

/** What its files come to, where it was verified before. */
async function settled(promotion: PromotionId, over: Partial<PromotionContext> = {}) {
  return await inspectSettled(promotion, recordsBefore(records.length, promotion), contextOf(over));
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
    const policies = await inspected(told.policies);
    expect(policies).not.toHaveProperty("place");
    expect(policies.verdict).toMatchObject({
      title: expect.stringMatching(/^change of policies '.+'$/),
      ofPolicies: true,
    });
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

  it("tells of each sign-off what it is about", async () => {
    const own = recordsBefore(records.length, told.deployed);
    const { signedFor, verdict } = await inspected(told.deployed);
    expect(signedFor.map(([index]) => index)).toEqual(
      own.flatMap(({ index, record }) => (record.type === "sign-off" ? [index] : [])),
    );
    const [[, { model, version, target, stageName }] = expect.unreachable()] = signedFor;
    expect(`${model} ${version} in ${target}`).toBe(verdict.title);
    expect(own.map(({ record }) => record.body["name"])).toContain(stageName);
  });
});

describe("the files of a promotion that was verified before", () => {
  const [from, to] = ["2001-01-01T00:00:00.000Z" as Instant, "2001-01-02T00:00:00.000Z" as Instant];
  const time = { kind: "time", from, to } as const;
  const outOfScope =
    "The manifest says that the pack holds what was recorded from 2001-01-01T00:00:00.000Z to 2001-01-02T00:00:00.000Z; nothing of this promotion was.";
  const untimed =
    "Whether anything of it was recorded in the time that the manifest says: nothing that is here was, and it may be among what was left out as being about people.";
  const withoutPersonalData = { leftOut: new Set<Sha256>(), withoutPersonalData: true };
  const tokenOf = (promotion: PromotionId) => {
    const found = recordsBefore(records.length, promotion).find(({ record }) => record.type === "sign-off");
    const token = found?.record.attachments.find(({ name }) => name === "id-token.jwt");
    if (found === undefined || token === undefined) throw new Error("There is no ID token.");
    return { index: found.index, id: found.record.id, sha256: token.sha256 };
  };

  it("are as its records say, and nothing is left unsaid", async () => {
    expect(await settled(told.rejected)).toEqual({ promotion: told.rejected, findings: [], unchecked: [] });
  });

  it("are there, and the report as it is made", async () => {
    const files = new Map(keptFiles).set(reportPath(told.rejected), utf8("<p>Fine.</p>"));
    const { findings } = await settled(told.rejected, { source: memorySource(files) });
    expect(findings).toMatchObject([{ code: "view-differs", path: reportPath(told.rejected) }]);
    expect(findings[0]?.sentence).not.toContain("packs of version");
  });

  it("are of the version that the manifest says", async () => {
    const path = reportPath(told.rejected);
    const { findings } = await settled(told.rejected, { packVersion: 2 });
    expect(findings).toEqual([
      {
        ...{ code: "view-differs", path, promotion: told.rejected },
        sentence: `${path} is as packs of version 1 have it, and the manifest says that this is one of version 2.`,
      },
    ]);
  });

  it("show a verdict of version 1 that was taken away, which is said", async () => {
    const { id } = factOf(told.house, "loan-ended", told.lent);
    const sentence = `Whether its verdict stands is not said by its report, which is of version 1 and shows the last one: that was taken away, as '${id}' tells.`;
    expect((await settled(told.lent)).unchecked).toEqual([{ promotion: told.lent, sentence }]);
    expect((await settled(told.lent, { packVersion: 2 })).unchecked).toEqual([]);
    expect((await settled(told.deployed)).unchecked).toEqual([]);
  });

  it("are in the scope of the pack, unless what would have been may be left out as being about people", async () => {
    const finding = { code: "manifest-differs", path: manifestPath, promotion: told.rejected, sentence: outOfScope };
    expect(await settled(told.rejected, { scope: time })).toMatchObject({ findings: [finding], unchecked: [] });
    const without = await settled(told.rejected, { scope: time, left: withoutPersonalData });
    expect(without).toMatchObject({ findings: [], unchecked: [{ promotion: told.rejected, sentence: untimed }] });
    const model = { kind: "model", model: "another" } as const;
    const ofAnother = await settled(told.rejected, { scope: model, left: withoutPersonalData });
    expect(ofAnother.findings.map(({ sentence }) => sentence)).toEqual([
      "The manifest says that the pack holds the model 'another'; this promotion is of another.",
    ]);
    expect(ofAnother.unchecked).toEqual([]);
    const own = { kind: "model", model: "credit-scoring" } as const;
    const ofThis = await settled(told.rejected, { scope: own, left: withoutPersonalData });
    expect(ofThis).toMatchObject({ findings: [], unchecked: [] });
  });

  it("are all about people, or none: what was kept is told, and what was left out alone", async () => {
    const { index, id, sha256 } = tokenOf(told.rejected);
    const all = await settled(told.rejected, { left: withoutPersonalData });
    expect(all.kept).toContainEqual({
      ...{ index, promotion: told.rejected, sha256 },
      sentence: `Personal data was left out, but not the id-token.jwt of '${id}': all that is personal is left out, or nothing.`,
    });
    const alone = await settled(told.rejected, { left: { leftOut: new Set([sha256]), withoutPersonalData: false } });
    expect(alone).not.toHaveProperty("kept");
    expect(alone.findings).toContainEqual({
      ...{ code: "manifest-differs", path: recordPath(index), promotion: told.rejected },
      sentence: `The id-token.jwt of '${id}' was left out of a pack that is not one without personal data: all that is personal is left out, or nothing.`,
    });
  });
});
