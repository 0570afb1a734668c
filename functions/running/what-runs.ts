import { isOpen } from "../../core/promotion/life-cycle.ts";
import { type Promotion, type Status, statuses } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { isOutOfService } from "../../core/promotion/restriction.ts";
import { isSamePlace } from "../../core/promotion/room.ts";
import type { Target } from "../../core/promotion/target.ts";
import type { PromotionPage } from "../steps/promotion-store.ts";
import { requireAllRead } from "../unreadable-promotion.ts";

/** A model in a target. */
export interface Lane {
  readonly model: string;
  readonly target: string;
}

export function laneOf({ manifest: { model, target } }: Pick<Promotion, "manifest">): Lane {
  return { model: model.name, target: target.name };
}

export interface PromotionLists {
  list(
    filter: Lane & { readonly among?: readonly Status[]; readonly unreadable: "told" },
    limit: number,
    from?: string,
  ): Promise<PromotionPage>;
}

/** What the records say of a model in a target. */
export interface Survey {
  /** What was approved last and not taken back: it is what should run, unless it was taken out of service. */
  readonly running?: Promotion;
  /** A candidate that was submitted after it and is still on its way. */
  readonly newer?: Promotion;
  /** One whose release has begun and is not over: it may answer a part of the requests beside it. */
  readonly released?: Promotion;
  /** What ran after it, drifted, and had to make place for it again; the newest first. */
  readonly wentBack: readonly Promotion[];
}

const pageSize = 10;

/** Of all but those that came to nothing. */
const telling = statuses.filter(
  (status) => isOpen(status) || status === "deployed" || status === "restricted" || status === "rolled-back",
);

export async function surveyLane(promotions: PromotionLists, lane: Lane): Promise<Survey> {
  let newer: Promotion | undefined;
  let released: Promotion | undefined;
  const wentBack: Promotion[] = [];
  for await (const promotion of newestFirst(promotions, lane, telling)) {
    const { status, restriction } = promotion;
    if (isDeployed(promotion)) return { running: promotion, ...onTheWay(), wentBack };
    if (newer === undefined && isOpen(status)) newer = promotion;
    if (status === "deploying" || status === "loaned") released ??= promotion;
    if (status === "rolled-back" && restriction?.taken?.doneAt !== undefined) wentBack.push(promotion);
  }
  return { ...onTheWay(), wentBack };

  function onTheWay(): Pick<Survey, "newer" | "released"> {
    return { ...(newer === undefined ? {} : { newer }), ...(released === undefined ? {} : { released }) };
  }
}

/**
 * What was approved last in a lane, once the target has said what runs: that may be deployed by now, and what was listed not any
 * more, and a list may be a moment behind.
 *
 * @param of what runs, as it stands now
 */
export async function lastByNow(
  promotions: { load(id: PromotionId): Promise<Promotion | undefined> },
  listed: Promotion | undefined,
  of: Promotion | undefined,
  { model, target }: Lane,
): Promise<Promotion | undefined> {
  const now = listed === undefined ? undefined : await promotions.load(listed.id);
  const last = now !== undefined && isDeployed(now) ? now : undefined;
  const isOurs = of?.manifest.model.name === model && of.manifest.target.name === target;
  if (of === undefined || !isOurs || !isDeployed(of)) return last ?? listed;
  return last === undefined || of.submittedAt > last.submittedAt ? of : last;
}

/** Whether it is what was approved for its place, until a newer one is. */
function isDeployed({ status }: Promotion): boolean {
  return status === "deployed" || status === "restricted";
}

/**
 * Why what is being deployed may be deployed no more: a newer candidate has begun to be, or is. Of what a pipeline deploys
 * nobody sees what runs, so that an older release which comes late would take the place of the newer one unseen.
 */
export async function whyOvertaken(promotions: PromotionLists, promotion: Promotion): Promise<string | undefined> {
  const { running, released } = await surveyLane(promotions, laneOf(promotion));
  const newer = [released, running].find((each) => each !== undefined && each.submittedAt > promotion.submittedAt);
  if (newer === undefined) return undefined;
  const { model, target } = newer.manifest;
  return `${model.version} was approved for '${target.name}' after it, and is ${newer.status}; this one is not deployed over it any more.`;
}

/**
 * What should run in a place: what was deployed there last, or what it makes place for; nothing, where it was taken out of
 * service. What was deployed once stays `deployed` when a newer one takes its place.
 *
 * @param last what was approved last and not taken back
 * @param of what runs, or is about to
 */
export function whatShouldRun(
  last: Promotion | undefined,
  of: Promotion | undefined,
  place: Target,
): Promotion | undefined {
  if (last !== undefined && isOutOfService(last)) return undefined;
  const goesBack = of !== undefined && last?.restriction?.taken?.to === of.id;
  return goesBack && isSamePlace(of.manifest.target, place) ? of : last;
}

/** What was deployed before a promotion, and was neither restricted nor taken back since; the newest first. */
export async function* deployedBefore(promotions: PromotionLists, than: Promotion): AsyncGenerator<Promotion> {
  for await (const promotion of newestFirst(promotions, laneOf(than), ["deployed"]))
    if (promotion.status === "deployed" && promotion.submittedAt < than.submittedAt) yield promotion;
}

/**
 * Beyond the first page only those of some statuses: a pipeline may have tried a thousand times since the last deployment. Throws
 * `conflict` at one that cannot be read, which may be what runs.
 */
export async function* newestFirst(
  promotions: PromotionLists,
  lane: Lane,
  among: readonly Status[],
): AsyncGenerator<Promotion> {
  const filter = { ...lane, unreadable: "told" } as const;
  let page = await promotions.list(filter, pageSize);
  for (;;) {
    requireAllRead(page.unreadable ?? [], "what should run there");
    yield* page.promotions;
    if (page.next === undefined) return;
    page = await promotions.list({ ...filter, among }, pageSize, page.next);
  }
}
