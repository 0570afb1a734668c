import type { LedgerRecord } from "../../promotion/fact.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { type InPlace, inPlaceBy } from "../documents/what-took-its-place.ts";
import type { IndexedRecord } from "./records-table.ts";

// That something was announced about what runs, and never done, becomes wrong by time alone. To tell it takes the approval that
// was asked for, and whatever was deployed in the same place since.

/** What a promotion announces and leaves open. */
interface Asks {
  readonly approvals: Set<PromotionId>;
  /** Findings that are to be answered. */
  readonly found: Set<unknown>;
  drifted: boolean;
}

/** Which promotions leave undone what they announced, by records that come one after the other. */
export interface LeftUndone {
  readonly tell: (promotion: PromotionId, record: LedgerRecord) => void;
  /**
   * Those, each with what it takes to tell whether it was due: the approvals that were asked for, and what was deployed in its
   * place since; the latter also of those of which something else is in scope. `entries`: all of the log once more.
   */
  readonly promotions: (
    entries: () => AsyncIterable<IndexedRecord>,
    inScope: ReadonlySet<PromotionId>,
  ) => Promise<readonly PromotionId[]>;
}

export function leftUndone(): LeftUndone {
  const asking = new Map<PromotionId, Asks>();
  return {
    tell: (promotion, record) => announce(asking, promotion, record),
    promotions: async (entries, inScope) => {
      if (asking.size === 0) return [];
      const others = await deployedSince([...asking.keys()], entries);
      return [...asking].flatMap(([promotion, { approvals }]) => {
        const rivals = others.get(promotion) ?? new Map<PromotionId, InPlace>();
        const isOpen = ![...rivals.values()].includes("serves");
        return isOpen || inScope.has(promotion) ? [promotion, ...approvals, ...rivals.keys()] : [];
      });
    },
  };
}

/** What else was deployed in the place of each since, and what became of that. */
async function deployedSince(
  asking: readonly PromotionId[],
  entries: () => AsyncIterable<IndexedRecord>,
): Promise<ReadonlyMap<PromotionId, ReadonlyMap<PromotionId, InPlace>>> {
  const places = new Map<PromotionId, string>();
  const others = new Map(asking.map((promotion) => [promotion, new Map<PromotionId, InPlace>()]));
  for await (const { record } of entries()) {
    const state = record === undefined ? undefined : inPlaceBy(record);
    if (record?.promotion === undefined || state === undefined) continue;
    const { promotion, type, body } = record;
    const begun = type === "deployment-started" ? String(body["endpoint"]).toLowerCase() : undefined;
    for (const [asks, rivals] of others)
      if (asks !== promotion && (rivals.has(promotion) || (begun !== undefined && places.get(asks) === begun)))
        rivals.set(promotion, state);
    if (begun !== undefined && others.has(promotion)) places.set(promotion, begun);
  }
  return others;
}

function announce(asking: Map<PromotionId, Asks>, promotion: PromotionId, { type, id, body }: LedgerRecord): void {
  const asks = asking.get(promotion) ?? { approvals: new Set(), found: new Set(), drifted: false };
  switch (type) {
    case "drift":
      if (!("action" in body)) return;
      if (body["action"] !== "keep" || "unlessReapproved" in body) asks.drifted = true;
      if (typeof body["reapproval"] === "string") asks.approvals.add(body["reapproval"] as PromotionId);
      break;
    case "remedy":
      if (body["state"] === "done") asks.drifted = false;
      break;
    case "rolled-back":
      asks.drifted = false;
      break;
    case "intruder-found":
      if (body["action"] === "take-back") asks.found.add(id);
      break;
    case "intruder-gone":
    case "take-back":
      asks.found.delete(body["found"]);
      break;
    default:
      return;
  }
  if (asks.drifted || asks.found.size > 0) asking.set(promotion, asks);
  else asking.delete(promotion);
}
