import { whyItMustGo } from "../../../core/deployment/beside.ts";
import { type DeploymentTarget, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import { Failure } from "../../../core/failure.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { errorFields, type Log } from "../../log.ts";
import { deploymentOf } from "../../steps/order.ts";
import { type RecordPorts, recordProgress, withRollBack } from "../../steps/record-progress.ts";

export interface EndSharePorts extends RecordPorts {
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly log: Log;
}

/**
 * Where what answers beside a candidate may not go on, the candidate's part ends first: what is left serves alone then, and
 * is taken away like anything else that does. The candidate is given no more than was approved in the meantime. Its own
 * watch, which looks at it now and then, finds it going back, and records how that ended.
 *
 * @param candidate one whose release has begun
 */
export function endShare(ports: EndSharePorts) {
  const record = recordProgress(ports);
  return async (candidate: Promotion): Promise<void> => {
    const deployment = deploymentOf(candidate);
    if (deployment === undefined) return;
    const target = targetOfKind(ports.targets, deployment.target.kind);
    try {
      const { promotion, beside } = await target.describeRunning(deployment.target);
      const why = promotion === candidate.id && beside !== undefined ? await whyItEnds(beside) : undefined;
      if (why === undefined) return;
      // Its alarms are for its own watch to read, and for nobody here.
      const { alarms: _, ...release } = deployment.release;
      const progress = await target.check({ ...deployment, release });
      const told = await record(candidate.id, progress, withRollBack(why));
      // It is over by now.
      if (told.deployment?.rollBack === undefined) return;
      await target.rollBack(deployment);
    } catch (error) {
      if (!(error instanceof Failure)) throw error;
      const promotionId = candidate.id;
      // Each run goes as far as the target lets it.
      if (error.code === "unavailable") ports.log("info", "remedy waits", { promotionId });
      else ports.log("error", "remedy failed", { promotionId, ...errorFields(error) });
    }
  };

  async function whyItEnds(beside: PromotionId): Promise<string | undefined> {
    const there = await ports.promotions.load(beside);
    // What nobody knows is an intruder, and found as one.
    if (there === undefined) return undefined;
    const again = there.restriction?.reapproval;
    const why = whyItMustGo(there, again === undefined ? undefined : await ports.promotions.load(again), ports.now());
    return why === undefined ? undefined : `${there.manifest.model.version}, which answers beside it, ${why}.`;
  }
}
