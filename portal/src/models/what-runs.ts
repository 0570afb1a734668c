import { by, compareText } from "../../../core/encoding/text-order.ts";
import type { Status } from "../../../core/promotion/promotion.ts";
import type { PromotionSummary } from "../api/contract.ts";

/** In these a candidate answers requests. */
const running: ReadonlySet<Status> = new Set(["deployed", "restricted", "loaned"]);

/**
 * What runs, of promotions of one model and target: the newest that came to run and was not taken back. A newer one takes
 * the place of an older one, which stays `deployed` in its own record.
 */
export function whatRuns(promotions: readonly PromotionSummary[]): PromotionSummary | undefined {
  return promotions
    .filter(({ status }) => running.has(status))
    .toSorted((a, b) => compareText(b.submittedAt, a.submittedAt))[0];
}

/** What runs of each model in each target, by name. */
export function whatRunsWhere(promotions: readonly PromotionSummary[]): readonly PromotionSummary[] {
  const groups = Map.groupBy(promotions, ({ model, target }) => `${model.name} ${target}`);
  return [...groups.entries()].toSorted(by(([name]) => name)).flatMap(([, of]) => whatRuns(of) ?? []);
}
