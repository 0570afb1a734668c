import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type InLedger, whereItStaysApart } from "../../ledger/told-otherwise.ts";

export interface OneHistoryPorts {
  readonly promotions: { load(id: PromotionId): Promise<Promotion | undefined> };
  readonly inLedger: InLedger;
}

/**
 * Throws `deployment-refused` where the ledger tells another history of a promotion than the table, as after a restore: that it
 * drifted itself, or was taken back, may stand in the ledger alone, and so whoever verifies the log finds that it serves.
 */
export async function requireOneHistory(id: PromotionId, { promotions, inLedger }: OneHistoryPorts): Promise<void> {
  const historyOf = async (of: PromotionId) => (await promotions.load(of))?.history ?? [];
  const apart = await whereItStaysApart(id, historyOf, inLedger);
  if (apart === undefined) return;
  throw new Failure(
    "deployment-refused",
    `The ledger tells ${apart} otherwise than the table, or it alone does: the table was restored to an earlier time, or changed by hand, and what became of it since is not known here.`,
  );
}
