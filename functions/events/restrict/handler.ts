import { addSeconds } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { isSamePlace } from "../../../core/promotion/room.ts";
import { errorFields } from "../../log.ts";
import type { PolicyBook } from "../../policies/policy-book.ts";
import { knownLanes } from "../../running/known-lanes.ts";
import { type Lane, laneOf, type Survey, surveyLane } from "../../running/what-runs.ts";
import type { PromotionPage } from "../../steps/promotion-store.ts";
import { targetRounds } from "../../targets/target-rounds.ts";
import { type ApplyRemedyPorts, applyRemedy } from "./apply-remedy.ts";
import { type EndSharePorts, endShare } from "./end-share.ts";
import { type SettleLostPorts, settleLost } from "./settle-lost.ts";
import { type TakeBackPorts, takeBack } from "./take-back.ts";

/** It rings this often. */
const everySeconds = 5 * 60;
/** What is asked of no target. */
const here = "";
/** So long after a promotion was written down whoever did has begun it as well, or died before. */
const begunSeconds = 300;

export type RestrictPorts = ApplyRemedyPorts &
  EndSharePorts &
  TakeBackPorts &
  SettleLostPorts & {
    readonly promotions: {
      list(
        filter: { readonly status: "restricted" | "gating"; readonly unreadable: "told" },
        limit: number,
        from?: string,
      ): Promise<PromotionPage>;
    };
    readonly policies: Pick<PolicyBook, "matrix" | "machines" | "targets">;
    /** Starts a promotion's execution, once. */
    readonly start: (id: PromotionId) => Promise<void>;
    /** Opens the approval that a restriction asks for, where whoever wrote that died before. */
    readonly reapprove: (restricted: Promotion) => Promise<void>;
  };

/** What wakes it: a fact that is in the ledger, the clock, or the end of a processing job. */
export interface RestrictEvent {
  readonly "detail-type": string;
  readonly detail: {
    readonly promotionId?: unknown;
    readonly type?: unknown;
    readonly ProcessingJobName?: unknown;
  };
}

/**
 * Changes what runs where the matrix says so, and nobody promotes anything: after a fact that may ask for it, and by the
 * clock whatever is left undone, with what was submitted and not begun. It decides by what is recorded, not by what woke it. And hears where a monitor says so.
 */
export function restrict(ports: RestrictPorts) {
  const remedy = applyRemedy(ports);
  const putRight = takeBack(ports);
  const part = endShare(ports);
  const settle = settleLost(ports);
  return async (event: RestrictEvent): Promise<void> => {
    switch (event["detail-type"]) {
      case "Countersign Fact Recorded":
        return afterFact(event.detail);
      case "Scheduled Event":
        return whateverIsLeft();
      case "SageMaker Processing Job State Change":
        return ports.monitored(event.detail.ProcessingJobName);
      default:
        throw new Failure("invalid-request", "This is nothing that is heard here.");
    }
  };

  async function afterFact({ promotionId, type }: RestrictEvent["detail"]): Promise<void> {
    if (!isPromotionId(promotionId)) return;
    const promotion = await ports.promotions.load(promotionId);
    // How an approval ended is told of the promotion that asked; what it asked for runs, or does not.
    const concerned = promotion?.reapproves?.promotion ?? promotion?.id;
    if (concerned !== undefined) await makePlace(concerned);
    if (type === "intruder-found" && promotion !== undefined) await takeBackFrom(promotion);
  }

  /** What answers a part of the requests beside it goes first. */
  async function makePlace(id: PromotionId): Promise<void> {
    const promotion = await ports.promotions.load(id);
    if (promotion?.status === "restricted") await endShareIn(laneOf(promotion), [promotion]);
    await remedy(id);
    // What has made place by now is none of those that the clock sees to.
    if (promotion?.status === "restricted") await ports.reapprove(promotion);
  }

  async function endShareIn(lane: Lane, drifted: readonly Promotion[]): Promise<Survey> {
    const survey = await surveyLane(ports.promotions, lane).catch(async (error: unknown) => {
      // One of the lane that cannot be read keeps nothing in service that is to be taken out; a remedy looks itself at what runs there.
      for (const { id } of drifted) await remedy(id);
      throw error;
    });
    if (survey.released !== undefined) await part(survey.released);
    return survey;
  }

  /** Only what should run now is put back: a finding may be older than what was deployed since. */
  async function takeBackFrom(promotion: Promotion): Promise<void> {
    const { running, released } = await surveyLane(ports.promotions, laneOf(promotion));
    if (running?.id === promotion.id) await putRight(running, released);
  }

  async function whateverIsLeft(): Promise<void> {
    const rounds = targetRounds(ports.now, everySeconds, (error, target) => {
      ports.log("error", "place not seen to", { target, ...errorFields(error) });
    });
    const known = knownLanes(ports.policies).map(({ model, place }): Lane => ({ model, target: place.name }));
    const lanes = new Map(known.map((lane) => [keyOf(lane), { lane, restricted: [] as Promotion[] }]));
    // What was asked for in a place that the policies know no more is still due.
    const drifted: Promotion[] = [];
    const unreadable: string[] = [];
    await rounds.attend(here, async () => void drifted.push(...(await allOf("restricted", unreadable))));
    for (const promotion of drifted) {
      const lane = laneOf(promotion);
      const all = lanes.get(keyOf(lane)) ?? { lane, restricted: [] };
      all.restricted.push(promotion);
      lanes.set(keyOf(lane), all);
    }
    const unbegun: PromotionId[] = [];
    await rounds.attend(here, async () => void unbegun.push(...(await notBegun(unreadable))));
    await rounds.attendAll(unbegun, () => here, ports.start);
    await rounds.attendAll(drifted, () => here, ports.reapprove);
    const targetOf = ({ lane: { target } }: { readonly lane: Lane }) => target;
    await rounds.attendAll([...lanes.values()], targetOf, ({ lane, restricted }) => seeTo(lane, restricted));
    for (const promotionId of unreadable)
      ports.log("error", "promotion not seen to", { promotionId, code: "unreadable" });
    const failed = rounds.failed + unreadable.length;
    const lost = await settle(failed === 0);
    if (failed > 0) throw new Failure("unavailable", `${failed} places could not be seen to; the others were.`);
    if (lost > 0) throw new Failure("unavailable", `${lost} events that had been given up failed again.`);
  }

  /** Whoever submitted it may not ask again, and then it would be open for ever, in the way of what is asked for after a drift. */
  async function notBegun(unreadable: string[]): Promise<readonly PromotionId[]> {
    const latest = addSeconds(ports.now(), -begunSeconds);
    const all = (await allOf("gating", unreadable)).filter(
      ({ frozen, submittedAt }) => frozen === undefined && submittedAt <= latest,
    );
    return all.map(({ id }) => id);
  }

  /** All of a status; to `unreadable` those are added that cannot be read. */
  async function allOf(status: "restricted" | "gating", unreadable: string[]): Promise<readonly Promotion[]> {
    const all: Promotion[] = [];
    let from: string | undefined;
    do {
      const page = await ports.promotions.list({ status, unreadable: "told" }, 100, from);
      all.push(...page.promotions);
      unreadable.push(...(page.unreadable ?? []));
      from = page.next;
    } while (from !== undefined);
    return all;
  }

  async function seeTo(lane: Lane, restricted: readonly Promotion[]): Promise<void> {
    const { running, released } = await endShareIn(lane, restricted);
    if (running === undefined) return;
    // Where a newer one was deployed to another place, what drifted before it serves on in its own.
    for (const { id, manifest } of restricted)
      if (!isSamePlace(manifest.target, running.manifest.target)) await remedy(id);
    if (running.status === "restricted") await remedy(running.id);
    await putRight(running, released);
  }
}

function keyOf({ model, target }: Lane): string {
  return JSON.stringify([model, target]);
}
