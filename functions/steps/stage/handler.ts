import { type Preflight, type StagingTarget, targetOfKind } from "../../../core/deployment/deployment-target.ts";
import { plansToApply } from "../../../core/deployment/plan-state.ts";
import { releaseFor, releaseSentence } from "../../../core/deployment/release.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { advance, hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { FrozenCopy, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { madeAnew, type StagedAt } from "../../../core/promotion/staged.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { blockedBy } from "../blocked-by.ts";
import { orderOf } from "../order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface StagePorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves;
  readonly readArtifact: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>;
  readonly artifactsBucket: string;
  readonly targets: Readonly<Record<DeployedKind, StagingTarget>>;
}

type Possible = Extract<Preflight, { kind: "possible" }>;

export interface StageAnswer {
  readonly outcome: "staged" | "blocked";
}

/**
 * Stage the candidate: creates what will serve it, without letting it serve. What cannot be deployed, or not in the way
 * that its target promises, shows before people are asked; and the function that deploys needs no right to create
 * models.
 */
export function stage(ports: StagePorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<StageAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    try {
      const order = await orderOf(promotion, ports.artifactsBucket, ports.readArtifact);
      plansToApply(promotion.manifest);
      const target = targetOfKind(ports.targets, order.target.kind);
      const preflight = await target.preflight(order, ({ revision }) =>
        releaseFor(order.target, revision === undefined ? "nothing" : "something"),
      );
      if (preflight.kind === "impossible") throw new Failure("deployment-refused", preflight.why);
      const made = await target.stage(order);
      await moveOn(ports.promotions, promotionId, (current) => staged(current, made, preflight));
      return { outcome: "staged" };
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "deployment-refused") throw error;
      await moveOn(ports.promotions, promotionId, (current) =>
        current.status === "gating" ? blockedBy(error, "stage", current, ports.now()) : undefined,
      );
      return { outcome: "blocked" };
    }
  };

  /** Told once for each way of releasing it: what runs in the target may have changed since the gates were last here. */
  function staged(
    promotion: Promotion,
    made: StagedAt | undefined,
    { release, caution }: Possible,
  ): Promotion | undefined {
    const { target } = promotion.manifest;
    const plan =
      target.infrastructure === undefined
        ? ""
        : " It is deployed once the infrastructure plan that is signed was applied.";
    const summary = `What will serve the candidate is ready. ${releaseSentence(release, target)}${caution === undefined ? "" : ` ${caution}`}${plan}`;
    const told = promotion.history.findLast(({ type }) => type === "staged");
    if (promotion.status !== "gating" || told?.summary === summary) return withMade(promotion, made);
    return advance(promotion, made === undefined ? {} : { staged: made }, {
      type: "staged",
      at: ports.now(),
      summary,
      body: { release: { ...release } },
      attachments: [],
    });
  }
}

/**
 * The promotion with when what is staged for it was made: no fact of its own. `undefined` where that is kept as it is, and from
 * the moment at which it may serve: what is found from then on is held against what was kept.
 */
function withMade(promotion: Promotion, made: StagedAt | undefined): Promotion | undefined {
  const { status, deployment, staged = {}, revision } = promotion;
  if (made === undefined || deployment !== undefined || hasEnded(status)) return undefined;
  return madeAnew(made, staged) === undefined ? undefined : { ...promotion, staged: made, revision: revision + 1 };
}
