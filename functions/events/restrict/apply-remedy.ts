import {
  concerns,
  type Deployment,
  type DeploymentTarget,
  type Progress,
  type Running,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import type { ApprovedOrder } from "../../../core/deployment/order.ts";
import { placeOf } from "../../../core/deployment/place.ts";
import { plainRelease } from "../../../core/deployment/release.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import {
  type DueRemedy,
  dueRemedy,
  dueSince,
  isUnderWay,
  withRemedyDone,
  withRemedyFailed,
  withRemedyStarted,
} from "../../../core/promotion/restriction.ts";
import { isSamePlace } from "../../../core/promotion/room.ts";
import type { DeployedKind, Target } from "../../../core/promotion/target.ts";
import { errorFields, type Log } from "../../log.ts";
import { deployedBefore, type PromotionLists } from "../../running/what-runs.ts";
import { type ApprovedOrderPorts, approvedOrder } from "../../steps/approved-order.ts";
import { deploymentOf } from "../../steps/order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../../steps/promotion-store.ts";
import { moveOnWithSaid } from "../../steps/record-progress.ts";
import { type OneHistoryPorts, requireOneHistory } from "./one-history.ts";

export interface ApplyRemedyPorts extends ApprovedOrderPorts, Pick<OneHistoryPorts, "inLedger"> {
  readonly promotions: PromotionMoves & PromotionLists;
  readonly blobs: ApprovedOrderPorts["blobs"] & { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly log: Log;
}

/** So long a target may take before people are told that it is not done. */
const longestSeconds = 3600;

/** An approved version that ran before, and what its verdict allows. */
interface Former {
  readonly promotion: Promotion;
  readonly order: ApprovedOrder;
}

/**
 * Does what the matrix says about a model that drifted, or that nobody approved again: what was approved before serves
 * instead, or nothing does. Each run goes as far as the target lets it; the next goes on from there. What cannot be done
 * is recorded, raises an alarm, and is tried again.
 */
export function applyRemedy(ports: ApplyRemedyPorts) {
  return async (id: PromotionId): Promise<void> => {
    const promotion = await requirePromotion(ports.promotions, id);
    const again = promotion.restriction?.reapproval;
    const asked = again === undefined ? undefined : await ports.promotions.load(again);
    const due = dueRemedy(promotion, asked, ports.now());
    const deployment = deploymentOf(promotion);
    if (deployment === undefined) return;
    if (promotion.status === "restricted") await suspend(deployment);
    if (due === undefined) return;
    try {
      if (due.remedy === "stop") await takeOut(promotion, deployment, due);
      else await goBack(promotion, deployment, due);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      if (toldOf(error, id, isLate(promotion, dueSince(promotion, due, asked))) === "waits") return;
      const why = error.message;
      await moveOn(ports.promotions, id, (current) => withRemedyFailed(current, due, why, ports.now()));
    }
  };

  /** Whatever the matrix says about what serves, nobody else is to take it for approved. What serves does not wait for this. */
  async function suspend({ promotion, target }: Deployment): Promise<void> {
    try {
      await targetOfKind(ports.targets, target.kind).suspend?.(promotion, target);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      toldOf(error, promotion);
    }
  }

  function toldOf(error: Failure, id: PromotionId, late = false): "waits" | "failed" {
    // The target is being changed, or does not answer: the next run finds it as it is then. After an hour people are to hear of it.
    const waits = error.code === "unavailable" && !late;
    // What failed is watched by an alarm: production goes on with what it should not.
    if (waits) ports.log("info", "remedy waits", { promotionId: id });
    else ports.log("error", "remedy failed", { promotionId: id, ...errorFields(error) });
    return waits ? "waits" : "failed";
  }

  function isLate({ restriction, manifest: { target } }: Promotion, due: Instant): boolean {
    const { taken } = restriction ?? {};
    // What failed stays late; what began has its time from then on.
    const begun = taken === undefined || taken.failure !== undefined || taken.startedAt < due ? undefined : taken;
    return begun === undefined || target.kind === "policy"
      ? ports.now() >= addSeconds(due, longestSeconds)
      : ports.now() >= addSeconds(begun.startedAt, withinOf(target));
  }

  /** Nothing serves any more. */
  async function takeOut(promotion: Promotion, deployment: Deployment, due: DueRemedy): Promise<void> {
    const target = targetOfKind(ports.targets, deployment.target.kind);
    const running = await target.describeRunning(deployment.target);
    const { previous: _, ...served } = deployment;
    requireAlone(running, promotion.id);
    const { taken } = promotion.restriction ?? {};
    // Refused before a run saw that it had made place: nothing of it serves that could be taken out, and what was put back may stay.
    if (taken?.to !== undefined && !concerns(running, promotion.id) && concerns(running, taken.to))
      return goBack(promotion, deployment, { remedy: taken.remedy, because: taken.because });
    const without: Deployment = { ...served, release: plainRelease("something") };
    if (concerns(running, promotion.id)) {
      if ((await begin(promotion, due, undefined)) === undefined) return;
      await target.rollBack(without);
    } else if (running.revision !== undefined || running.changingTo !== undefined) {
      return leaveTo(running, promotion);
    }
    const progress = await target.check(without);
    if (progress.kind === "returned") return finish(promotion, due, undefined, progress);
    if (deployment.target.kind === "pipeline") throw ofItsPipeline();
    requireInTime(promotion, due, progress);
  }

  async function goBack(promotion: Promotion, deployment: Deployment, due: DueRemedy): Promise<void> {
    if (deployment.target.kind === "pipeline") throw ofItsPipeline();
    const target = targetOfKind(ports.targets, deployment.target.kind);
    const running = await target.describeRunning(deployment.target);
    requireAlone(running, promotion.id);
    const to = promotion.restriction?.taken?.to;
    if (to === undefined && running.revision === undefined && running.changingTo === undefined)
      throw new Failure(
        "deployment-refused",
        "Nothing serves there any more: whoever took it out says what does next.",
      );
    if (!concerns(running, promotion.id) && (to === undefined || !concerns(running, to)))
      return leaveTo(running, promotion);
    const former = await formerOf(promotion);
    const begun = await begin(promotion, due, former);
    if (begun === undefined) return;
    const order = { ...former.order, putBackSince: begun.restriction?.taken?.startedAt ?? ports.now() };
    await target.start(order, plainRelease("something"));
    const progress = await target.check({
      ...order,
      release: plainRelease("something"),
      ...(running.revision === undefined ? {} : { previous: running.revision }),
    });
    if (progress.kind === "serving") return finish(promotion, due, former, progress);
    if (progress.kind !== "under-way") throw new Failure("deployment-refused", progress.why);
    requireInTime(promotion, due, progress, withinOf(deployment.target));
  }

  /**
   * Something else serves by now: a newer deployment, or an intruder, which is found as one, and be it what was approved for another
   * place. With that the place is not put right.
   */
  async function leaveTo(running: Running, { submittedAt, manifest: { target } }: Promotion): Promise<void> {
    for (const there of [running.promotion, running.revision, running.changingTo]) {
      const other = isPromotionId(there) ? await ports.promotions.load(there) : undefined;
      if (other !== undefined && other.submittedAt > submittedAt && isSamePlace(other.manifest.target, target)) return;
    }
    throw new Failure("unavailable", "Something else serves there by now, and it is no newer candidate.");
  }

  /** A target that takes what is asked for and does not do it says nothing of that by itself. */
  function requireInTime(
    { restriction }: Promotion,
    { remedy }: DueRemedy,
    { why }: Progress,
    within = longestSeconds,
  ): void {
    const { taken } = restriction ?? {};
    if (taken?.remedy === remedy && ports.now() >= addSeconds(taken.startedAt, within))
      throw new Failure("deployment-refused", `It began at ${taken.startedAt} and is not done: ${why}`);
  }

  /** The newest version before it whose verdict, bytes and target still are those that were approved. */
  async function formerOf(promotion: Promotion): Promise<Former> {
    const reasons: string[] = [];
    const { target } = promotion.manifest;
    for await (const former of deployedBefore(ports.promotions, promotion)) {
      const { version } = former.manifest.model;
      try {
        if (!isSamePlace(former.manifest.target, target))
          throw new Failure(
            "deployment-refused",
            `It was approved for another place, ${placeOf(former.manifest.target)}.`,
          );
        await requireOneHistory(former.id, ports);
        return { promotion: former, order: await approvedOrder(former, ports, "again") };
      } catch (error) {
        if (!(error instanceof Failure) || error.code === "unavailable") throw error;
        reasons.push(`${version}: ${error.message}`);
      }
    }
    throw new Failure(
      "deployment-refused",
      reasons.length === 0
        ? "No version was approved before it."
        : `No version that was approved before it may serve any more. ${reasons.slice(0, 3).join(" ")}`,
    );
  }

  /** The promotion as it is then; `undefined` where another run began something that goes further. */
  async function begin(
    promotion: Promotion,
    due: DueRemedy,
    former: Former | undefined,
  ): Promise<Promotion | undefined> {
    const to = replacementOf(former);
    const begun = await moveOn(ports.promotions, promotion.id, (current) =>
      withRemedyStarted(current, due, to, ports.now()),
    );
    return isUnderWay(begun, due, to) ? begun : undefined;
  }

  async function finish(
    promotion: Promotion,
    due: DueRemedy,
    former: Former | undefined,
    progress: Progress,
  ): Promise<void> {
    // Where it was done by hand, or by a run whose record was lost, nothing says yet that it began.
    if ((await begin(promotion, due, former)) === undefined) return;
    await moveOnWithSaid(ports, promotion.id, progress, (current, { at, attachments }) =>
      withRemedyDone(current, due, replacementOf(former), progress.why, attachments, at),
    );
  }
}

/** A receiver has as long to put something back as it has to deploy. */
function withinOf(target: Target): number {
  return target.kind === "webhook" ? Math.max(longestSeconds, target.withinSeconds) : longestSeconds;
}

/** While a candidate answers beside it, that one's part is ended first. */
function requireAlone({ beside }: Running, id: PromotionId): void {
  if (beside === id) throw new Failure("unavailable", "A candidate answers a part of the requests beside it.");
}

function ofItsPipeline(): Failure {
  return new Failure("deployment-refused", "What a pipeline deployed, it alone can take back.");
}

function replacementOf(former: Former | undefined) {
  if (former === undefined) return undefined;
  const { promotion, order } = former;
  return { promotion: promotion.id, version: promotion.manifest.model.version, verdict: order.verdict };
}
