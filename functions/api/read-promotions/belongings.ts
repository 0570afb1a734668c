import type { RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { by } from "../../../core/encoding/text-order.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { OlderFacts } from "./view.ts";

/** A monitor may tell of what runs every few minutes for years, and an answer has 6 MB at most. */
const mostOutcomes = 200;
/** Each letter is three facts, and everybody is asked, reminded and told. */
const mostLetters = 500;
/** Of what drifted already each monitor tells once an hour. */
const mostDrift = 200;
/** So old may be what is answered to a page that asks every few seconds. */
const rememberedSeconds = 5;

export interface BelongingsPorts {
  readonly now: () => Instant;
  readonly promotions: {
    signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]>;
    loans(id: PromotionId): Promise<readonly RecordedLoan[]>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    /** The newest ones. */
    outcomes(id: PromotionId, limit: number): Promise<readonly Fact[]>;
    /** How many there are; `more` where there are more than were counted. */
    countOutcomes(id: PromotionId): Promise<{ readonly number: number; readonly more: boolean }>;
  };
}

/** What is recorded of a promotion beside itself. */
export interface Belongings {
  readonly signOffs: readonly RecordedSignOff[];
  readonly loans: readonly RecordedLoan[];
  readonly facts: readonly Fact[];
  readonly outcomes: readonly Fact[];
  readonly older?: OlderFacts;
}

/**
 * Reads what belongs to a promotion. It lies in one partition, whose capacity those who decide need: of a hundred people, who are all
 * written to, some four hundred read units. So pages that ask every few seconds (`again`) share one reading for a moment, unless the
 * promotion has moved on since.
 */
export function belongingsOf(ports: BelongingsPorts) {
  const known = new Map<PromotionId, { revision: number; until: Instant; belongings: Promise<Belongings> }>();
  return async ({ id, revision }: Promotion, again: boolean): Promise<Belongings> => {
    const at = ports.now();
    for (const [each, { until }] of known) if (until <= at) known.delete(each);
    const before = known.get(id);
    if (again && before?.revision === revision) return before.belongings;
    const belongings = read(id, ports);
    known.set(id, { revision, until: addSeconds(at, rememberedSeconds), belongings });
    try {
      return await belongings;
    } catch (error) {
      // Whoever comes next asks again.
      if (known.get(id)?.belongings === belongings) known.delete(id);
      throw error;
    }
  };
}

async function read(id: PromotionId, { promotions }: BelongingsPorts): Promise<Belongings> {
  const [signOffs, loans, recorded, outcomes] = await Promise.all([
    promotions.signOffs(id),
    promotions.loans(id),
    promotions.facts(id),
    promotions.outcomes(id, mostOutcomes),
  ]);
  const letters = olderThanNewest(recorded, ({ type }) => type.startsWith("notification-"), mostLetters);
  const drift = olderThanNewest(recorded, ({ type }) => type === "drift", mostDrift);
  const left = new Set([...letters, ...drift]);
  const facts = left.size === 0 ? recorded : recorded.filter((fact) => !left.has(fact));
  const counted =
    outcomes.length < mostOutcomes ? { number: outcomes.length, more: false } : await promotions.countOutcomes(id);
  const older = {
    letters: letters.length,
    drift: drift.length,
    outcomes: Math.max(0, counted.number - outcomes.length),
  };
  return {
    signOffs,
    loans,
    facts,
    outcomes,
    ...(left.size === 0 && older.outcomes === 0
      ? {}
      : { older: { ...older, ...(counted.more ? { more: true as const } : {}) } }),
  };
}

/** What there is of a kind beside the newest ones. */
function olderThanNewest(facts: readonly Fact[], isOne: (fact: Fact) => boolean, most: number): readonly Fact[] {
  const all = facts.filter(isOne).toSorted(by(({ at }) => at));
  return all.slice(0, Math.max(0, all.length - most));
}
