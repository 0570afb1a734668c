import { secondsUntil } from "../../../core/approval/calendar.ts";
import {
  type Deployment,
  type DeploymentTarget,
  type Progress,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import { overdueSeconds } from "../../../core/deployment/release.ts";
import { canonicalJsonBytes } from "../../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { DeployedKind } from "../../../core/promotion/freeze-manifest.ts";
import { isLent, withLoanRunning } from "../../../core/promotion/lending.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { errorFields, type Log } from "../../log.ts";
import { deploymentOf } from "../order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface WatchDeploymentPorts {
  readonly now: () => Instant;
  readonly watchSeconds: number;
  readonly promotions: PromotionMoves;
  readonly blobs: { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly log: Log;
}

export type WatchAnswer =
  | { readonly outcome: "watching" | "loaned"; readonly seconds: number }
  | { readonly outcome: "deployed" | "rolled-back" | "failed" };

/** Between two attempts to roll back: people are alarmed by then, and an execution has only so many steps. */
const rollBackAgainSeconds = 300;

/**
 * Watch the deployment: asks the target how it goes, and writes down how it ended, with what the target said. What
 * cannot be judged is rolled back; a roll-back that fails is never called one, and is tried again.
 */
export function watchDeployment(ports: WatchDeploymentPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<WatchAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    const deployment = deploymentOf(promotion);
    if (deployment === undefined) throw new Failure("conflict", "Nothing of this promotion was deployed.");
    const target = targetOfKind(ports.targets, deployment.target.kind);
    switch (promotion.status) {
      case "deploying":
      case "loaned":
        return look(promotion, deployment, target);
      case "deployed":
        return settled(deployment, target);
      case "rolled-back":
      case "failed":
        return { outcome: promotion.status };
      default:
        throw new Failure("conflict", `The promotion is ${promotion.status}: there is nothing to watch.`);
    }
  };

  async function look(promotion: Promotion, deployment: Deployment, target: DeploymentTarget): Promise<WatchAnswer> {
    const { id } = promotion;
    const progress = await progressOf(deployment, target);
    const goesBack = promotion.deployment?.rollBack;
    switch (progress.kind) {
      case "returned":
        await end(
          id,
          "rolled-back",
          goesBack === undefined ? progress.why : `${goesBack.why} ${progress.why}`,
          progress,
        );
        return { outcome: "rolled-back" };
      case "under-way":
        return isOverdue(promotion, deployment)
          ? rollBack(promotion, deployment, target, overdue(progress))
          : { outcome: "watching", seconds: ports.watchSeconds };
      case "serving":
        if (goesBack !== undefined) return rollBack(promotion, deployment, target, progress);
        if (isLent(promotion)) return lent(id, await settled(deployment, target));
        await end(id, "deployed", progress.why, progress);
        return settled(deployment, target);
      case "displaced":
        // On the way back there may be a moment in which nothing serves; what somebody else put there is theirs.
        if (goesBack !== undefined && (await target.describeRunning(deployment.target)).revision === undefined)
          return rollBack(promotion, deployment, target, progress);
        await end(id, "failed", progress.why, progress);
        return { outcome: "failed" };
      case "unhealthy":
      case "broken":
        return rollBack(promotion, deployment, target, progress);
      default:
        return progress.kind satisfies never;
    }
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

  function isOverdue({ deployment }: Promotion, { release, target }: Deployment): boolean {
    const since = deployment?.rollBack?.at ?? deployment?.startedAt;
    return since !== undefined && ports.now() >= addSeconds(since, overdueSeconds(release, target));
  }

  async function rollBack(
    { id }: Promotion,
    deployment: Deployment,
    target: DeploymentTarget,
    progress: Progress,
  ): Promise<WatchAnswer> {
    await record(id, progress, (current) =>
      current.deployment === undefined || current.deployment.rollBack !== undefined
        ? undefined
        : {
            change: { deployment: { ...current.deployment, rollBack: { at: ports.now(), why: progress.why } } },
            fact: { type: "rollback", summary: `It is rolled back. ${progress.why}`, state: "started" },
          },
    );
    try {
      await target.rollBack(deployment);
      return { outcome: "watching", seconds: ports.watchSeconds };
    } catch (error) {
      // Watched by an alarm: production runs something that it should not.
      ports.log("error", "roll-back failed", { promotionId: id, ...errorFields(error) });
      const why = error instanceof Failure ? ` ${error.message}` : "";
      await record(id, progress, (current) =>
        current.history.some(({ type, body }) => type === "rollback" && body["state"] === "failed")
          ? undefined
          : {
              change: {},
              fact: { type: "rollback", summary: `The roll-back failed and is tried again.${why}`, state: "failed" },
            },
      );
      return { outcome: "watching", seconds: rollBackAgainSeconds };
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
  async function lent(id: PromotionId, answer: WatchAnswer): Promise<WatchAnswer> {
    if (answer.outcome !== "deployed") return answer;
    const promotion = await moveOn(ports.promotions, id, (current) => withLoanRunning(current, ports.now()));
    return { outcome: "loaned", seconds: secondsUntil(promotion.expiresAt, ports.now()) };
  }

  function end(
    id: PromotionId,
    status: "deployed" | "rolled-back" | "failed",
    why: string,
    progress: Progress,
  ): Promise<Promotion> {
    return record(id, progress, (current) =>
      current.status === status
        ? undefined
        : {
            change: { status, ...(status === "deployed" ? {} : { reason: why }) },
            fact: { type: status, summary: why },
          },
    );
  }

  /** Writes down what happened together with what the target said. */
  async function record(
    id: PromotionId,
    { kind, evidence }: Progress,
    next: (current: Promotion) =>
      | {
          readonly change: Parameters<typeof advance>[1];
          readonly fact: Pick<Fact, "type" | "summary"> & { readonly state?: string };
        }
      | undefined,
  ): Promise<Promotion> {
    const at = ports.now();
    const bytes = canonicalJsonBytes({ progress: kind, readAt: at, ...evidence });
    return moveOn(ports.promotions, id, async (current) => {
      const told = next(current);
      if (told === undefined) return undefined;
      const { type, summary, state } = told.fact;
      const mediaType = "application/json";
      // Kept before anything names it.
      const sha256 = await ports.blobs.put(bytes, mediaType);
      return advance(current, told.change, {
        type,
        at,
        summary,
        body: { endpoint: current.manifest.target.endpoint, ...(state === undefined ? {} : { state }) },
        attachments: [{ name: "deployment.json", mediaType, sha256 }],
      });
    });
  }
}

function overdue(progress: Progress): Progress {
  return {
    ...progress,
    why: `It is not over after the longest time that it may take, so it cannot be judged. ${progress.why}`,
  };
}
