import { beforeAll, describe, expect, it } from "vitest";
import type { PackFindingCode } from "../../../../core/archive/pack/pack-findings.ts";
import { blobPath, recordPath } from "../../../../core/archive/pack/pack-layout.ts";
import type { VerifyPackOptions } from "../../../../core/archive/pack-verification.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../../core/ledger/checkpoint.ts";
import { type FactType, factTypes } from "../../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../../core/promotion/ledger-record.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { dana } from "../house.ts";
import { type Files, packOf, resealed, verified } from "../pack-fixture.ts";
import { changed, documentOf, factOf, factWith, flipped, type Retold, saying, withDocument } from "../retelling.ts";
import { told as kept } from "../told.ts";
import { conditionLies } from "./condition-lies.ts";
import { tamperedDocuments } from "./documents.ts";
import { type Everything, recordEverything } from "./everything.ts";
import { fileKinds } from "./file-kinds.ts";
import { lies } from "./lies.ts";
import { loanLies } from "./loan-lies.ts";
import { lyingPack } from "./lying-pack.ts";
import { memberNames } from "./members.ts";
import { reviewLies } from "./review-lies.ts";

let told: Everything;
let files: Files;
/** What somebody kept who verified the honest pack. */
let earlier: NonNullable<VerifyPackOptions["since"]>;
beforeAll(async () => {
  told = await recordEverything();
  files = await packOf(told);
  const bytes = files.get("log/checkpoint") ?? new Uint8Array();
  earlier = { bytes, checkpoint: parseCheckpoint(bytes).checkpoint };
});

async function expectNoticed(
  pack: Files,
  expected: { readonly code: PackFindingCode; readonly sentence: RegExp; readonly path?: string },
  over: Parameters<typeof verified>[1] = {},
): Promise<void> {
  const { holds, findings } = await verified(pack, over);
  expect(holds).toBe(false);
  expect(findings).toContainEqual(
    expect.objectContaining({ ...expected, sentence: expect.stringMatching(expected.sentence) }),
  );
}

const lying = (retold: Retold) => lyingPack(told, retold);

const ofOne = new Map<PromotionId, Files>();
/** The honest pack of a promotion, or of everything: what lies in it is looked at alike, and in a few records in less time. */
async function packOfOne(promotion: PromotionId | undefined): Promise<Files> {
  if (promotion === undefined) return files;
  const pack = ofOne.get(promotion) ?? (await packOf(told, { scope: { kind: "promotion", promotion } }));
  ofOne.set(promotion, pack);
  return pack;
}

it("nothing is tampered with that verification would not take as it was recorded", async () => {
  expect((await verified(files, { since: earlier })).findings).toEqual([]);
  expect((await verified(files)).findings).toEqual([]);
  expect(new Set(told.house.facts.map(({ type }) => type))).toEqual(new Set(factTypes));
  expect(told.house.promotions.stored(told.reopened)).toMatchObject({ status: "deployed", review: 2 });
});

describe.each(factTypes)("a record of type %s", (type) => {
  const place = (of: FactType) => told.house.facts.indexOf(factOf(told.house, of));
  const retold = () => ({ ...factOf(told.house, type), summary: "It was otherwise." });

  it("told otherwise in the pack, carelessly or carefully, is named", async () => {
    const pack = await packOfOne(factOf(told.house, type).promotion);
    const path = recordPath(place(type));
    const bytes = ledgerEntry(retold());
    const careless = { code: "file-changed", path, sentence: /SHA256SUMS/ } as const;
    // The log is looked at alike in both modes, and this one takes a sixth of the time.
    await expectNoticed(new Map(pack).set(path, bytes), careless, { mode: "checkpoint" });
    const sentence = new RegExp(`^${path} is not the log's entry ${place(type)}\\.$`);
    await expectNoticed(
      resealed(pack, { [path]: bytes }),
      { code: "record-changed", path, sentence },
      { mode: "checkpoint" },
    );
  });

  it("told otherwise in a log that the service signs again is noticed by whoever keeps an earlier checkpoint", async () => {
    const forked = await lying({ facts: changed(told.house, factOf(told.house, type), retold) });
    await expectNoticed(
      forked,
      { code: "earlier-mismatch", sentence: /^The first \d+ entries are not those of the earlier checkpoint\.$/ },
      { since: earlier, mode: "checkpoint" },
    );
  });

  const { what, tell, code, sentence } = lies[type];
  it(`by a service that lies: ${what}`, async () => {
    await expectNoticed(await lying(tell(told)), { code, sentence });
  });
});

describe.each(Object.entries(tamperedDocuments))(
  "a document %s",
  (name, { of, change = () => utf8("{}"), ...said }) => {
    it("changed carefully does not have its digest, and lost carefully is missed", async () => {
      const { attachments, promotion } = factWith(told.house, of, name);
      const { sha256 } = attachments.find((each) => each.name === name) ?? expect.unreachable();
      const pack = await packOfOne(promotion);
      const path = blobPath(sha256);
      const bytes = pack.get(path) ?? expect.unreachable(`There is no ${path}.`);
      const wrong = `${path} does not have the digest that it is named by.`;
      await expectNoticed(resealed(pack, { [path]: flipped(bytes) }), {
        code: "document-changed",
        path,
        sentence: new RegExp(`^${wrong}$`),
      });
      await expectNoticed(resealed(pack, { [path]: undefined }), {
        code: "document-missing",
        path,
        sentence: /is not in the pack\.$/,
      });
    });

    it("put in place of the true one by a service that lies is noticed", async () => {
      const fact = factWith(told.house, of, name);
      const bytes = change(documentOf(told.house, fact, name), told);
      await expectNoticed(await lying(withDocument(told.house, fact, name, bytes)), said);
    });
  },
);

it("every name that documents have in records is among them", () => {
  const names = new Set(told.house.facts.flatMap(({ attachments }) => attachments.map(({ name }) => name)));
  expect(new Set(Object.keys(tamperedDocuments))).toEqual(names);
});

it("every member that records have is in the kept pack, where each is told otherwise (told-otherwise.test.ts)", () => {
  // Where one is missing there, the pack is made again: packs-of-before.test.ts says how.
  expect(memberNames(told.house.facts)).toEqual(memberNames(kept.house.facts));
});

describe.each([
  ["the conditions of the matrix", conditionLies],
  ["what is kept of a review that began anew", reviewLies],
  ["the end of a loan", loanLies],
])("%s, by a service that lies", (_, own) => {
  it.each(own)("$what", async ({ tell, code, sentence }) => {
    await expectNoticed(await lying(tell(told)), { code, sentence });
  });
});

it("who lent is told by what they signed, also in a pack without the tokens that say so too", async () => {
  const lender = { ...dana.identity };
  const wanted = factOf(told.house, "loan-requested");
  const { facts } = saying(told.house, wanted, { lender });
  const pack = await packOf(told, { ...(facts === undefined ? {} : { facts }), withoutPersonalData: true });
  await expectNoticed(pack, {
    code: "loan-invalid",
    sentence: /^A lender's signature is not what was signed: the statement names somebody else\.$/,
  });
});

/** What is done to packs here and in tampered-files.test.ts, each with the sentence that names it. */
it("the corpus is as large as it is said to be", () => {
  const files = Object.values(fileKinds).flat();
  const counts = {
    // Changed and lost, carelessly and carefully, and put in twice; a checkpoint of a smaller log may be lacking.
    files: files.length * 5 - files.filter(({ lost }) => lost === "by-design").length,
    // Changed carelessly and carefully, in a log that is signed again, and by a lie of its own.
    records: factTypes.length * 4,
    // Changed and lost carefully, and by a lie.
    documents: Object.keys(tamperedDocuments).length * 3,
    conditions: conditionLies.length,
    reviews: reviewLies.length,
    loans: loanLies.length,
  };
  expect(counts).toEqual({ files: 139, records: 264, documents: 96, conditions: 3, reviews: 8, loans: 1 });
});
