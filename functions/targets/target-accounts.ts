import type { DeploymentTarget, StagingTarget } from "../../core/deployment/deployment-target.ts";
import type { Shadowing, ShadowTarget } from "../../core/deployment/shadow-target.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import { isHosted, type Target, type TargetAccount } from "../../core/promotion/target.ts";

/** The account that a target is in, where it is another than ours. */
export function accountOf(target: Target): TargetAccount | undefined {
  return isHosted(target) || target.kind === "kubernetes" ? target.account : undefined;
}

/** A target that is spoken to in its own account: `open` makes it for one target, in the name of one promotion. */
export function inItsAccount(
  open: (target: Target, promotion?: PromotionId) => Promise<DeploymentTarget>,
): DeploymentTarget {
  return {
    describeRunning: async (target) => (await open(target)).describeRunning(target),
    neighbours: async (target) => (await (await open(target)).neighbours?.(target)) ?? [],
    preflight: async (order, release) => (await open(order.target, order.promotion)).preflight(order, release),
    start: async (order, release) => (await open(order.target, order.promotion)).start(order, release),
    check: async (deployment) => (await open(deployment.target, deployment.promotion)).check(deployment),
    whyAlteredBeside: async (deployment) =>
      (await open(deployment.target, deployment.promotion)).whyAlteredBeside?.(deployment),
    shift: async (deployment, to) => (await open(deployment.target, deployment.promotion)).shift?.(deployment, to),
    rollBack: async (deployment) => (await open(deployment.target, deployment.promotion)).rollBack(deployment),
    settle: async (deployment) => (await open(deployment.target, deployment.promotion)).settle(deployment),
    suspend: async (promotion, target) => (await open(target, promotion)).suspend?.(promotion, target),
    cleanUp: async (promotion, target, deployment) =>
      (await open(target, promotion)).cleanUp(promotion, target, deployment),
  };
}

/** The same for what stages. */
export function stagedInItsAccount(
  open: (target: Target, promotion?: PromotionId) => Promise<StagingTarget>,
): StagingTarget {
  return {
    stage: async (order) => (await open(order.target, order.promotion)).stage(order),
    preflight: async (order, release) => (await open(order.target, order.promotion)).preflight(order, release),
  };
}

/** The same for what runs a candidate in shadow. */
export function shadowedInItsAccount(
  open: (target: Target, promotion?: PromotionId) => Promise<ShadowTarget>,
): ShadowTarget {
  const of = ({ promotion, target }: Shadowing) => open(target, promotion);
  return {
    footing: async (order) => (await open(order.target, order.promotion)).footing(order),
    start: async (order, beside) => (await open(order.target, order.promotion)).start(order, beside),
    check: async (shadowing) => (await of(shadowing)).check(shadowing),
    measure: async (shadowing, now) => (await of(shadowing)).measure(shadowing, now),
    captured: async function* (shadowing, which) {
      yield* (await of(shadowing)).captured?.(shadowing, which) ?? [];
    },
    end: async (shadowing) => (await of(shadowing)).end(shadowing),
  };
}
