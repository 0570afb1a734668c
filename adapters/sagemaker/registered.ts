import type {
  Deployment,
  DeploymentTarget,
  Preflight,
  Progress,
  StagingTarget,
} from "../../core/deployment/deployment-target.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { isHosted, type Target } from "../../core/promotion/target.ts";
import { type ModelPackages, requireApprovable, whyNotApprovable, whyTouched } from "./model-package.ts";

/**
 * A target whose candidates are versions in the Model Registry, where it names a group: the version is approved as the
 * deployment begins, pending again when it is taken back, and rejected when the promotion ends otherwise than deployed.
 */
export function registered(target: DeploymentTarget, packages: ModelPackages): DeploymentTarget {
  return {
    ...target,

    preflight: (order, release) => preflight(target, packages, order, release),

    async start(order, release) {
      const arn = packageOf(order.target);
      if (arn !== undefined) {
        await requireApprovable(packages, arn, order.model.sha256);
        // What drifted may be put back where an intruder took its place; people have not approved it again.
        if (order.restricted !== true) await packages.set(arn, "Approved", order);
      }
      await target.start(order, release);
    },

    async check(deployment): Promise<Progress> {
      const progress = await target.check(deployment);
      const why = progress.kind === "serving" || progress.kind === "sharing" ? await whyNotOurs(deployment) : undefined;
      return why === undefined ? progress : { ...progress, kind: "unhealthy", why };
    },

    async rollBack(deployment) {
      await target.rollBack(deployment);
      await pending(packages, deployment.promotion, deployment.target);
    },

    async suspend(promotion, given) {
      await target.suspend?.(promotion, given);
      await pending(packages, promotion, given);
    },

    async cleanUp(promotion, given, deployment) {
      const cleaned = await target.cleanUp(promotion, given, deployment);
      const arn = packageOf(given);
      const found = arn === undefined ? undefined : await packages.read(arn);
      // What a later promotion approved stays so.
      const stays =
        found?.status === "Approved" && found.ours?.promotion !== promotion && whyTouched(found) === undefined;
      if (arn !== undefined && found !== undefined && !stays) await packages.set(arn, "Rejected", { promotion });
      return cleaned;
    },
  };

  /**
   * Nobody but us says of what serves whether it is approved. What we set ourselves is no alteration: pending since it drifted,
   * rejected since people refused to approve it again, approved for another promotion of the same version.
   */
  async function whyNotOurs({ target: given }: Deployment): Promise<string | undefined> {
    const arn = packageOf(given);
    if (arn === undefined) return undefined;
    const found = await packages.read(arn);
    return found === undefined ? "The version was removed from the Model Registry." : whyTouched(found);
  }
}

/** The same for what stages: a version that could not be approved shows before people are asked. */
export function registeredStaging(staging: StagingTarget, packages: ModelPackages): StagingTarget {
  return { ...staging, preflight: (order, release) => preflight(staging, packages, order, release) };
}

async function preflight(
  target: Pick<DeploymentTarget, "preflight">,
  packages: ModelPackages,
  ...[order, release]: Parameters<DeploymentTarget["preflight"]>
): Promise<Preflight> {
  const arn = packageOf(order.target);
  const why = arn === undefined ? undefined : await whyNotApprovable(packages, arn, order.model.sha256);
  return why === undefined ? target.preflight(order, release) : { kind: "impossible", why };
}

/** Takes an approval back until people have looked again, where it is this promotion's: after a roll-back, or a restriction. */
async function pending(packages: ModelPackages, promotion: PromotionId, target: Target): Promise<void> {
  const arn = packageOf(target);
  if (arn === undefined) return;
  const found = await packages.read(arn);
  if (found?.ours?.promotion === promotion && found.status !== "PendingManualApproval")
    await packages.set(arn, "PendingManualApproval", { promotion });
}

function packageOf(target: Target): string | undefined {
  return isHosted(target) ? target.registry : undefined;
}
