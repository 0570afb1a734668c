import { expect } from "vitest";
import type { PromotionRecord, ReadDocument } from "../../../core/archive/pack/promotion-file.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type PastPromotion, pastPromotion } from "../../../core/replay/past-promotion.ts";
import { recordsOf, told } from "../archive/told.ts";

// Promotions of the kept pack, read as a replay reads them: nothing of it is verified.

export const { facts, blobs } = told.house;
export const read: ReadDocument = async (sha256) => blobs.get(sha256);
export const of = (promotion: PromotionId) => recordsOf(facts).filter(({ record }) => record.promotion === promotion);
/** What is read of a promotion; fails the test where anything is found to be wrong, or nothing is read. */
export async function past(
  promotion: PromotionId,
  records: readonly PromotionRecord[] = of(promotion),
  from = read,
): Promise<PastPromotion> {
  const wrong: string[] = [];
  const result = await pastPromotion(promotion, records, from, (code, path, sentence) => {
    wrong.push(`${code} ${path}: ${sentence}`);
  });
  expect(wrong).toEqual([]);
  if (result === undefined) throw new Error("Nothing can be read of it.");
  return result;
}
/** The documents, with other bytes for those of a name in these records. */
export function bringing(
  records: readonly PromotionRecord[],
  name: string,
  bytes: Uint8Array | undefined,
): ReadDocument {
  const wanted = new Set(
    records.flatMap(({ record }) => record.attachments.flatMap((each) => (each.name === name ? [each.sha256] : []))),
  );
  return async (sha256) => (wanted.has(sha256) ? bytes : blobs.get(sha256));
}
export const inRecord = (
  records: readonly PromotionRecord[],
  wanted: PromotionRecord | undefined,
  change: (record: PromotionRecord["record"]) => Partial<PromotionRecord["record"]>,
): readonly PromotionRecord[] =>
  records.map((each) => (each === wanted ? { ...each, record: { ...each.record, ...change(each.record) } } : each));
export const ofType = (records: readonly PromotionRecord[], type: FactType) =>
  records.filter(({ record }) => record.type === type);
