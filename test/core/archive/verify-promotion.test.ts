import { describe, expect, it } from "vitest";
import type { PackFinding, PackFindingCode } from "../../../core/archive/pack-findings.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { factTypes } from "../../../core/promotion/fact.ts";
import { documentOf, factWith, type Retold, withDocument } from "./retelling.ts";
import { conditionLies } from "./tampering/condition-lies.ts";
import { tamperedDocuments } from "./tampering/documents.ts";
import { type Lie, lies } from "./tampering/lies.ts";
import { loanLies } from "./tampering/loan-lies.ts";
import { reviewLies } from "./tampering/review-lies.ts";
import { findingsIn, resultOf, told } from "./told.ts";

// What tampering/ does to whole packs, done to the records and documents alone: which of them do not add up.

async function expectNoticed(
  retold: Retold,
  { code, sentence }: { readonly code: PackFindingCode; readonly sentence: RegExp },
): Promise<readonly PackFinding[]> {
  const findings = await findingsIn(retold);
  expect(findings).toContainEqual(expect.objectContaining({ code, sentence: expect.stringMatching(sentence) }));
  return findings;
}

describe("what was recorded", () => {
  const promotions = [...new Set(told.house.facts.flatMap(({ promotion }) => promotion ?? []))];

  it.each(promotions)("of %s adds up", async (promotion) => {
    expect((await resultOf(promotion)).findings).toEqual([]);
  });
});

const kinds = new Set(told.house.facts.map(({ type }) => type));

it("the kept pack tells of every kind of record: else it is to be made again (packs-of-before/)", () => {
  expect(factTypes.filter((type) => !kinds.has(type))).toEqual([]);
});

// What is told of no promotion at all is told twice in the log alone.
const ofPromotions = factTypes.filter((type) => kinds.has(type) && type !== "export" && type !== "export-requested");
describe.each(ofPromotions.map((type) => ({ type, ...lies[type] })))("a record of type $type", ({ what, ...lie }) => {
  it(`told otherwise: ${what}`, async () => {
    await expectNoticed(lie.tell(told), lie);
  });
});

describe.each(Object.entries(tamperedDocuments))(
  "a document %s",
  (name, { of, change = () => utf8("{}"), ...said }) => {
    it("put in place of the true one", async () => {
      const fact = factWith(told.house, of, name);
      await expectNoticed(withDocument(told.house, fact, name, change(documentOf(told.house, fact, name), told)), said);
    });
  },
);

it.each<Lie>([...conditionLies, ...reviewLies, ...loanLies])("$what", async (lie) => {
  await expectNoticed(lie.tell(told), lie);
});
