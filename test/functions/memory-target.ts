import type {
  Deployment,
  DeploymentTarget,
  Preflight,
  Progress,
  Running,
} from "../../core/deployment/deployment-target.ts";
import type { ApprovedOrder, Order } from "../../core/deployment/order.ts";
import { Failure } from "../../core/failure.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import type { StagedAt } from "../../core/promotion/staged.ts";
import type { DeployedKind } from "../../core/promotion/target.ts";
import type { Release } from "../../core/promotion/traffic.ts";

/** A target in memory, which does at once what it is asked for. Tests set what it says. */
export class MemoryTarget implements DeploymentTarget {
  running: Running;
  /** Why nothing can be released as it is asked for. */
  impossible: string | undefined;
  /** What reviewers are told of a release that is possible. */
  caution: string | undefined;
  /** What `check` says, or what it throws. */
  progress: Partial<Progress> | Failure = {};
  /** What `rollBack` throws. */
  stuck: Error | undefined;
  left: readonly string[] = [];
  readonly staged: Order[] = [];
  readonly started: { readonly order: ApprovedOrder; readonly release: Release }[] = [];
  readonly rolledBack: Deployment[] = [];
  readonly settled: PromotionId[] = [];
  readonly cleaned: PromotionId[] = [];
  readonly suspended: PromotionId[] = [];
  /** What `suspend` throws. */
  unsuspended: Error | undefined;

  constructor(running: Running = { revision: "p-before" }) {
    this.running = running;
  }

  readonly describeRunning = async (): Promise<Running> => this.running;

  readonly preflight = async (_: Order, release: (running: Running) => Release): Promise<Preflight> =>
    this.impossible === undefined
      ? {
          kind: "possible",
          release: release(this.running),
          running: this.running,
          ...(this.caution === undefined ? {} : { caution: this.caution }),
        }
      : { kind: "impossible", why: this.impossible };

  /** When what it stages was made. */
  madeAt: StagedAt | undefined;

  readonly stage = async (order: Order): Promise<StagedAt | undefined> => {
    this.staged.push(order);
    return this.madeAt;
  };

  readonly start = async (order: ApprovedOrder, release: Release): Promise<void> => {
    if (this.running.changingTo === order.promotion || this.running.revision === order.promotion) return;
    this.started.push({ order, release });
    this.running = { ...this.running, changingTo: order.promotion };
  };

  readonly check = async (): Promise<Progress> => {
    if (this.progress instanceof Failure) throw this.progress;
    return { kind: "under-way", why: "It is on its way.", evidence: { endpoint: "credit-scoring" }, ...this.progress };
  };

  /** What it was shifted to. */
  readonly shifts: (number | "all")[] = [];

  readonly shift = async (_: Deployment, to: number | "all"): Promise<void> => {
    this.shifts.push(to);
  };

  rollBack = async (deployment: Deployment): Promise<void> => {
    if (this.stuck !== undefined) throw this.stuck;
    this.rolledBack.push(deployment);
    this.running = deployment.previous === undefined ? {} : { revision: deployment.previous };
  };

  readonly settle = async ({ promotion }: Deployment): Promise<void> => {
    this.settled.push(promotion);
  };

  readonly suspend = async (promotion: PromotionId): Promise<void> => {
    if (this.unsuspended !== undefined) throw this.unsuspended;
    this.suspended.push(promotion);
  };

  readonly cleanUp = async (promotion: PromotionId) => {
    this.cleaned.push(promotion);
    return { removed: [`model ${promotion}`], left: this.left };
  };
}

/** One target in the place of every kind of them. */
export function everyKind<Each>(target: Each): Readonly<Record<DeployedKind, Each>> {
  return {
    "sagemaker-endpoint": target,
    "sagemaker-inference-component": target,
    kubernetes: target,
    pipeline: target,
    webhook: target,
  };
}
