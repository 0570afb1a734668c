import type { PromotionId } from "../promotion/promotion-id.ts";
import { outcomeOf } from "./documents/outcome.ts";
import type { PromotionRecord } from "./pack/promotion-file.ts";

/** What promotions are inspected with. */
export interface PromotionsPorts<Result> {
  readonly inspect: (promotion: PromotionId, records: readonly PromotionRecord[]) => Promise<Result>;
  /** Records that were let go, once more. */
  readonly recordsAt: (indices: readonly number[]) => Promise<readonly PromotionRecord[]>;
}

/** Promotions whose records come one after the other, those of all in turns. */
export interface PromotionsAsTheyEnd<Result> {
  /** The records of each, as far as they came. */
  readonly indices: ReadonlyMap<PromotionId, readonly number[]>;
  add(promotion: PromotionId, record: PromotionRecord): Promise<void>;
  /** What all of them came to, once no more records come. */
  rest(): Promise<readonly Result[]>;
}

/** So many records long nothing must have come of a promotion that has ended. */
export const recordsOfQuiet = 128;

interface Held {
  readonly records: PromotionRecord[];
  /** Nothing came since it was looked at last. */
  quiet: boolean;
}

/**
 * Inspects every promotion with all of its records, and one that has ended, and of which nothing came for a while, at
 * once: its documents stand beside its records, and what is held for long is carried into the old generation. Where
 * a record comes after all, the promotion is inspected again, as a whole.
 */
export function promotionsAsTheyEnd<Result>({
  inspect,
  recordsAt,
}: PromotionsPorts<Result>): PromotionsAsTheyEnd<Result> {
  const indices = new Map<PromotionId, number[]>();
  const held = new Map<PromotionId, Held>();
  const done = new Map<PromotionId, Result>();
  let count = 0;
  const inspectEnded = async (): Promise<void> => {
    for (const [promotion, each] of held) {
      const { records, quiet } = each;
      each.quiet = true;
      if (!quiet || done.has(promotion) || outcomeOf(records) === undefined) continue;
      held.delete(promotion);
      done.set(promotion, await inspect(promotion, records));
    }
  };
  return {
    indices,
    async add(promotion, record) {
      const own = held.get(promotion);
      if (own === undefined) held.set(promotion, { records: [record], quiet: false });
      else {
        own.records.push(record);
        own.quiet = false;
      }
      const known = indices.get(promotion);
      if (known === undefined) indices.set(promotion, [record.index]);
      else known.push(record.index);
      count += 1;
      if (count % recordsOfQuiet === 0) await inspectEnded();
    },
    async rest() {
      for (const [promotion, { records }] of held) {
        const whole = done.has(promotion) ? await recordsAt(indices.get(promotion) ?? []) : records;
        done.set(promotion, await inspect(promotion, whole));
      }
      return [...done.values()];
    },
  };
}
