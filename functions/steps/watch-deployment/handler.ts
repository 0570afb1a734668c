import { secondsUntil } from "../../../core/approval/calendar.ts";
import { whyPauseSkipped } from "../../../core/deployment/cluster-conditions.ts";
import {
  type Deployment,
  type DeploymentTarget,
  type Progress,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import { placeOf } from "../../../core/deployment/place.ts";
import { whyNotReopened } from "../../../core/deployment/reopen.ts";
import { heldShare, whyTooEarly } from "../../../core/deployment/weights.ts";
import { Failure } from "../../../core/failure.ts";
import { isLent, runsOnLoan, withLoanEnded, withLoanRunning } from "../../../core/promotion/lending.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { errorFields, type Log } from "../../log.ts";
import { deploymentOf } from "../order.ts";
import { moveOn, requirePromotion } from "../promotion-store.ts";
import { recordProgress, withRollBack } from "../record-progress.ts";
import { holdShare } from "./hold-share.ts";
import { isOverdue, secondsUntilLook, secondsUntilLookBack, secondsWatchedYet } from "./looks.ts";
import { type ReopenPorts, reopen, reopened, wasReopened } from "./reopen-review.ts";

export interface WatchDeploymentPorts extends ReopenPorts {
  readonly watchSeconds: number;
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly log: Log;
}

export type WatchAnswer =
  | { readonly outcome: "watching" | "loaned" | "reopened"; readonly seconds: number }
  | { readonly outcome: "deployed" | "rolled-back" | "failed" };

/** Between two attempts to roll back: people are alarmed by then, and an execution has only so many steps. */
const rollBackAgainSeconds = 300;

/**
 * Watch the deployment: asks the target how it goes, and writes down how it ended, with what the target said. What
 * cannot be judged is rolled back; a roll-back that fails is never called one, and is tried again. What is lent is on its way no
 * longer than it is lent. What was approved under conditions is watched for their time, and once it was taken back it is in review
 * again.
 */
export function watchDeployment(ports: WatchDeploymentPorts) {
  const record = recordProgress(ports);
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<WatchAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    // It was reopened by a run whose answer was lost: whether a stage can be opened still, the next step finds out.
    if (promotion.deployment === undefined && wasReopened(promotion)) return reopened(ports, promotion);
    const deployment = deploymentOf(promotion);
    if (deployment === undefined) throw new Failure("conflict", "Nothing of this promotion was deployed.");
    const target = targetOfKind(ports.targets, deployment.target.kind);
    switch (promotion.status) {
      case "loaned":
        // It serves, and its alarms may be gone by our own hand: they judge nothing any more.
        if (runsOnLoan(promotion) && promotion.deployment?.rollBack === undefined)
          return lent(promotionId, deployment, target);
        return ports.now() >= promotion.expiresAt
          ? loanOver(promotionId)
          : untilLoanIsOver(promotion, await look(promotion, deployment, target));
      case "deploying":
        return look(promotion, deployment, target);
      case "deployed":
      // It drifted before its own alarms were removed: they are all that is left to do here.
      case "restricted":
        return settled(deployment, target);
      case "rolled-back":
      case "failed":
        return { outcome: promotion.status };
      default:
        // Somebody rejected what is lent while it was on its way; or the loan was over, and the answer that said so was lost.
        if ((promotion.status === "rejected" || promotion.status === "expired") && isLent(promotion))
          return { outcome: "failed" };
        throw new Failure("conflict", `The promotion is ${promotion.status}: there is nothing to watch.`);
    }
  };

  async function look(promotion: Promotion, deployment: Deployment, target: DeploymentTarget): Promise<WatchAnswer> {
    const { id } = promotion;
    const progress = await progressOf(deployment, target);
    const goesBack = promotion.deployment?.rollBack;
    switch (progress.kind) {
      case "returned": {
        const why = goesBack === undefined ? progress.why : `${goesBack.why} ${progress.why}`;
        return backAgain(promotion, deployment, target, { ...progress, why });
      }
      case "under-way":
        return isOverdue(promotion, deployment, ports.now())
          ? rollBack(promotion, deployment, target, overdue(progress))
          : watching(promotion, deployment);
      case "sharing":
        if (goesBack !== undefined) return rollBack(promotion, deployment, target, progress);
        return isOverdue(promotion, deployment, ports.now())
          ? rollBack(promotion, deployment, target, overdue(progress))
          : sharing(promotion, deployment, target, progress);
      case "serving": {
        if (goesBack !== undefined) return rollBack(promotion, deployment, target, progress);
        if (isLent(promotion)) return lent(id, deployment, target);
        const early =
          whyTooEarly(deployment.release, heldShare(promotion.history), ports.now()) ??
          whyPauseSkipped(deployment, ports.now());
        if (early !== undefined) return rollBack(promotion, deployment, target, { ...progress, why: early });
        const left = secondsWatchedYet(promotion, ports.now());
        if (left > 0) return watching(promotion, deployment, left);
        const ended = await end(id, "deployed", progress.why, progress);
        // Another run of the step saw that it is ill meanwhile, and takes it back.
        return ended.deployment?.rollBack === undefined ? settled(deployment, target) : goingBack(ended);
      }
      case "displaced":
        // On the way back there may be a moment in which nothing serves; what somebody else put there is theirs.
        if (goesBack !== undefined && (await target.describeRunning(deployment.target)).revision === undefined)
          return rollBack(promotion, deployment, target, progress);
        await end(id, "failed", goesBack === undefined ? progress.why : `${goesBack.why} ${progress.why}`, progress);
        return { outcome: "failed" };
      case "unhealthy":
      case "broken":
        return rollBack(promotion, deployment, target, progress);
      default:
        return progress.kind satisfies never;
    }
  }

  async function sharing(
    promotion: Promotion,
    deployment: Deployment,
    target: DeploymentTarget,
    progress: Progress,
  ): Promise<WatchAnswer> {
    const held = await holdShare(ports, promotion, { deployment, target, progress });
    switch (held.kind) {
      case "held":
        return watching(promotion, deployment, held.secondsLeft);
      case "shifted":
        return { outcome: "watching", seconds: ports.watchSeconds };
      case "altered":
        return rollBack(promotion, deployment, target, { ...progress, why: held.why });
      default:
        return held satisfies never;
    }
  }

  function watching(promotion: Promotion, deployment: Deployment, most = Number.POSITIVE_INFINITY): WatchAnswer {
    if (promotion.deployment?.rollBack !== undefined) return goingBack(promotion);
    const seconds = secondsUntilLook(promotion, deployment, ports.watchSeconds, ports.now());
    return { outcome: "watching", seconds: Math.min(most, seconds) };
  }

  function goingBack(promotion: Promotion, least = ports.watchSeconds): WatchAnswer {
    return { outcome: "watching", seconds: secondsUntilLookBack(promotion, least, ports.now()) };
  }

  /** What ran before runs again: the end, unless it was approved under conditions and people can be asked again. */
  async function backAgain(
    promotion: Promotion,
    deployment: Deployment,
    target: DeploymentTarget,
    progress: Progress,
  ): Promise<WatchAnswer> {
    // What is lent is in review as it is, and its loan is over.
    const conditions = isLent(promotion) ? undefined : promotion.deployment?.conditions;
    const ended =
      conditions === undefined
        ? ""
        : whyNotReopened(promotion, { now: ports.now(), newest: (await ports.newer(promotion)) === undefined });
    if (conditions === undefined || ended !== undefined) {
      await end(promotion.id, "rolled-back", `${progress.why} ${ended ?? ""}`.trim(), progress);
      return { outcome: "rolled-back" };
    }
    // An alarm that is still raised would take the next release back as it begins.
    if ((await settled(deployment, target)).outcome === "watching") return watching(promotion, deployment);
    return reopen(ports, promotion, conditions, progress);
  }

  /** How it goes; a target that does not answer at the moment is as good as one that is on its way. */
  async function progressOf(deployment: Deployment, target: DeploymentTarget): Promise<Progress> {
    try {
      return await target.check(deployment);
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
      return { kind: "under-way", why: error.message, evidence: { unanswered: error.message } };
    }
  }

  async function rollBack(
    { id }: Promotion,
    deployment: Deployment,
    target: DeploymentTarget,
    progress: Progress,
  ): Promise<WatchAnswer> {
    const told = await record(id, progress, withRollBack(progress.why));
    const back = told.deployment?.rollBack;
    // It ended meanwhile, by what another run of the step saw: the next look goes by that.
    if (back === undefined) return { outcome: "watching", seconds: ports.watchSeconds };
    try {
      await target.rollBack(deployment);
      return goingBack(told);
    } catch (error) {
      // Watched by an alarm: production runs something that it should not.
      ports.log("error", "roll-back failed", { promotionId: id, ...errorFields(error) });
      const why = error instanceof Failure ? ` ${error.message}` : "";
      await record(id, progress, (current) =>
        // Once for each way back: an earlier deployment may have had its own.
        current.history.some(({ type, at, body }) => type === "rollback" && body["state"] === "failed" && at >= back.at)
          ? undefined
          : {
              change: {},
              fact: {
                type: "rollback",
                summary: `The roll-back failed and is tried again.${why}`,
                body: { state: "failed" },
              },
            },
      );
      return goingBack(told, rollBackAgainSeconds);
    }
  }

  /** The release's own alarms are removed once it is over; until they are, the machine comes back. */
  async function settled(deployment: Deployment, target: DeploymentTarget): Promise<WatchAnswer> {
    try {
      await target.settle(deployment);
      return { outcome: "deployed" };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
      return { outcome: "watching", seconds: ports.watchSeconds };
    }
  }

  /** What is lent serves: the machine waits for its being ratified, or for the loan's end. */
  async function lent(id: PromotionId, deployment: Deployment, target: DeploymentTarget): Promise<WatchAnswer> {
    // First of all: whoever looked for its alarms once they are removed would take it back.
    const promotion = await moveOn(ports.promotions, id, (current) =>
      current.deployment?.rollBack === undefined
        ? withLoanRunning(current, placeOf(current.manifest.target), ports.now())
        : undefined,
    );
    if (promotion.deployment?.rollBack !== undefined) return goingBack(promotion);
    const answer = untilLoanIsOver(promotion, await settled(deployment, target));
    // However long its alarms are there, it ends at its time: what took it back removes them, too.
    if (answer.outcome === "watching" && ports.now() < promotion.expiresAt) return answer;
    return { outcome: "loaned", seconds: secondsUntil(promotion.expiresAt, ports.now()) };
  }

  /** Nothing is on its way on a loan that is over: it is cleaned up, which takes it back first. */
  async function loanOver(id: PromotionId): Promise<WatchAnswer> {
    await moveOn(ports.promotions, id, (current) => withLoanEnded(current, ports.now()));
    return { outcome: "failed" };
  }

  function untilLoanIsOver({ expiresAt }: Promotion, answer: WatchAnswer): WatchAnswer {
    return answer.outcome === "watching"
      ? { ...answer, seconds: Math.min(answer.seconds, secondsUntil(expiresAt, ports.now())) }
      : answer;
  }

  function end(
    id: PromotionId,
    status: "deployed" | "rolled-back" | "failed",
    why: string,
    progress: Progress,
  ): Promise<Promotion> {
    return record(id, progress, (current) =>
      // What was deployed may have drifted meanwhile: only an approval takes that back. What is to go back is never called deployed.
      current.status === status ||
      (status === "deployed" && (current.status === "restricted" || current.deployment?.rollBack !== undefined))
        ? undefined
        : {
            change: { status, ...(status === "deployed" ? {} : { reason: why }) },
            fact: { type: status, summary: why },
          },
    );
  }
}

function overdue(progress: Progress): Progress {
  return {
    ...progress,
    why: `It is not over after the longest time that it may take, so it cannot be judged. ${progress.why}`,
  };
}
