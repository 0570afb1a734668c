import { expect } from "vitest";
import { replayPromotion } from "../../../../core/archive/history/replay-promotion.ts";
import type { ReplayDocuments } from "../../../../core/archive/history/replay-request.ts";
import type { PromotionRecord } from "../../../../core/archive/pack/promotion-file.ts";
import { addSeconds } from "../../../../core/encoding/instant.ts";
import type { FactType, LedgerRecord } from "../../../../core/promotion/fact.ts";
import type { Promotion } from "../../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { historyOf, told } from "../told.ts";

export const story = await historyOf(told.deployed);
export const lent = await historyOf(told.lent);
export const ratified = await historyOf(told.ratified);
export const policies = await historyOf(told.policies);

/** The records of a story before the n-th of a type. */
export function upTo({ history }: typeof story, type: FactType, n = 0): readonly PromotionRecord[] {
  const places = history.flatMap(({ record }, place) => (record.type === type ? [place] : []));
  return history.slice(0, places[n] ?? history.length);
}

export interface Next {
  readonly type: FactType;
  readonly body?: LedgerRecord["body"];
  readonly attachments?: LedgerRecord["attachments"];
}

/** The record that would come next. */
export function next(
  records: readonly PromotionRecord[],
  { type, body = {}, attachments = [] }: Next,
): PromotionRecord {
  const last = records.at(-1)?.record;
  if (last?.promotion === undefined) throw new Error("Nothing was told before.");
  const at = addSeconds(last.at, 1);
  const id = `${last.promotion}/${records.length}`;
  return {
    index: 900,
    record: { recordVersion: 1, id, type, at, promotion: last.promotion, summary: "Why.", body, attachments },
  };
}

export function replayed(
  of: typeof story,
  records: readonly PromotionRecord[],
  documents: ReplayDocuments = of.documents,
) {
  const promotion = records[0]?.record.promotion ?? ("" as PromotionId);
  return replayPromotion(promotion, records, documents);
}

/** What a promotion is after one more record. */
export function endOf(of: typeof story, records: readonly PromotionRecord[], one: Next): Promotion {
  const { steps, stopped } = replayed(of, [...records, next(records, one)]);
  if (stopped !== undefined) throw new Error(stopped.sentence);
  const end = steps.at(-1)?.after;
  if (end === undefined) throw new Error("Nothing was told.");
  return end;
}

/** Why one more record cannot stand there. */
export function why(
  of: typeof story,
  records: readonly PromotionRecord[],
  one: Next,
  documents = of.documents,
): string {
  const { steps, stopped } = replayed(of, [...records, next(records, one)], documents);
  expect(steps).toHaveLength(records.length);
  return (stopped?.sentence ?? "It follows.").replace(
    /^The record '[^']*' \([a-z-]+\) cannot stand where it does: /,
    "",
  );
}

export const bodyAt = ({ history }: typeof story, type: FactType, n = 0) =>
  history.filter(({ record }) => record.type === type)[n]?.record.body ?? {};
export const attachmentsAt = ({ history }: typeof story, type: FactType, n = 0) =>
  history.filter(({ record }) => record.type === type)[n]?.record.attachments ?? [];
