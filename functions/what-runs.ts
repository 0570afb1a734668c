import { isOpen } from "../core/promotion/life-cycle.ts";
import type { Promotion } from "../core/promotion/promotion.ts";

/** A model in a target. */
export interface Lane {
  readonly model: string;
  readonly target: string;
}

export interface PromotionLists {
  list(
    filter: Lane,
    limit: number,
    from?: string,
  ): Promise<{ readonly promotions: readonly Promotion[]; readonly next?: string }>;
}

/** What the records say of a model in a target. */
export interface Survey {
  /** What was approved last and not taken back: it is what should run, unless it was taken out of service. */
  readonly running?: Promotion;
  /** A candidate that was submitted after it and is still on its way. */
  readonly newer?: Promotion;
  /** What ran after it, drifted, and had to make place for it again; the newest first. */
  readonly wentBack: readonly Promotion[];
}

const pageSize = 10;

export async function surveyLane(promotions: PromotionLists, lane: Lane): Promise<Survey> {
  let newer: Promotion | undefined;
  const wentBack: Promotion[] = [];
  for await (const promotion of newestFirst(promotions, lane)) {
    const { status, restriction } = promotion;
    if (status === "deployed" || status === "restricted")
      return { running: promotion, ...(newer === undefined ? {} : { newer }), wentBack };
    if (newer === undefined && isOpen(status)) newer = promotion;
    if (status === "rolled-back" && restriction?.taken?.doneAt !== undefined) wentBack.push(promotion);
  }
  return { ...(newer === undefined ? {} : { newer }), wentBack };
}

/** What was deployed before a promotion, and was neither restricted nor taken back since; the newest first. */
export async function* deployedBefore(promotions: PromotionLists, than: Promotion): AsyncGenerator<Promotion> {
  const { model, target } = than.manifest;
  for await (const promotion of newestFirst(promotions, { model: model.name, target: target.name }))
    if (promotion.status === "deployed" && promotion.submittedAt < than.submittedAt) yield promotion;
}

async function* newestFirst(promotions: PromotionLists, lane: Lane): AsyncGenerator<Promotion> {
  let from: string | undefined;
  do {
    const page = await promotions.list(lane, pageSize, from);
    yield* page.promotions;
    from = page.next;
  } while (from !== undefined);
}
