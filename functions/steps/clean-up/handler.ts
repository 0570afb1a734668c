import * as v from "valibot";
import {
  concerns,
  type Deployment,
  type DeploymentTarget,
  type Running,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import { placeOf } from "../../../core/deployment/place.ts";
import { secondsUntilNextLook } from "../../../core/deployment/release.ts";
import type { ShadowTarget } from "../../../core/deployment/shadow-target.ts";
import { cutText } from "../../../core/encoding/cut-text.ts";
import { type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import type { PolicyInForce } from "../../../core/policy/policy-in-force.ts";
import { isLent, withLoanReviewOpened, withLoanTakenBack } from "../../../core/promotion/lending.ts";
import { advance, hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Promotion, Status } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { tellInForce } from "../../policies/policies-told.ts";
import { deploymentOf } from "../order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface CleanUpInput {
  readonly promotionId: PromotionId;
  /** What Step Functions says of an error that it caught. */
  readonly failure?: { readonly Error: string; readonly Cause?: string };
}

export interface CleanUpPorts {
  readonly now: () => Instant;
  readonly watchSeconds: number;
  readonly promotions: PromotionMoves;
  readonly policies: { inForce(): Promise<PolicyInForce | undefined> };
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
  readonly shadows: Readonly<Partial<Record<DeployedKind, Pick<ShadowTarget, "end">>>>;
}

export type CleanUpAnswer =
  | { readonly outcome: "cleaned"; readonly status: Status }
  | { readonly outcome: "taking-back"; readonly seconds: number };

/**
 * Clean up: removes what was staged for a promotion that will not run, and looks whether it is gone. After an error
 * the promotion is `failed` first, unless it had ended already. What ran on loan and was not ratified is taken back before.
 */
export function cleanUp(ports: CleanUpPorts) {
  return async ({ promotionId, failure }: CleanUpInput): Promise<CleanUpAnswer> => {
    const inForce = failure === undefined ? undefined : await toldInForce(promotionId);
    if (inForce !== undefined) return { outcome: "cleaned", status: inForce.status };
    const promotion = await moveOn(ports.promotions, promotionId, (current) => failed(current, failure));
    if (!hasEnded(promotion.status)) {
      throw new Failure("conflict", `The promotion is ${promotion.status}: nothing of it may be removed.`);
    }
    // Policies run nowhere: there is nothing to take away.
    if (promotion.manifest.target.kind === "policy") {
      await moveOn(ports.promotions, promotionId, (current) => cleaned(current, []));
      return { outcome: "cleaned", status: promotion.status };
    }
    // First of all: what runs in shadow runs on the model that is removed below.
    if (!(await shadowGone(promotion))) {
      requireNotStuck(promotion);
      return takingBack(promotion);
    }
    const target = targetOfKind(ports.targets, promotion.manifest.target.kind);
    const deployment = deploymentOf(promotion);
    if (isLent(promotion) && deployment !== undefined) {
      const { gone, serves } = await takenBack(deployment, target);
      if (!gone) return takingBack(promotion);
      await moveOn(ports.promotions, promotionId, (current) =>
        withLoanTakenBack(current, { serves, place: placeOf(current.manifest.target) }, ports.now()),
      );
      await moveOn(ports.promotions, promotionId, (current) => withLoanReviewOpened(current, ports.now()));
    }
    if (deployment !== undefined) await leave(deployment, target, failure === undefined ? "ended" : "a step failed");
    const { removed, left } = await target.cleanUp(promotionId, promotion.manifest.target, deployment);
    if (left.length > 0) throw new Failure("unavailable", `Still there after the clean-up: ${left.join(", ")}.`);
    await moveOn(ports.promotions, promotionId, (current) => cleaned(current, removed));
    return { outcome: "cleaned", status: promotion.status };
  };

  /** The promotion, where its policies are in force whatever failed since they came there; `undefined` of any other. */
  async function toldInForce(id: PromotionId): Promise<Promotion | undefined> {
    const { manifest } = await requirePromotion(ports.promotions, id);
    if (manifest.target.kind !== "policy") return undefined;
    const pinned = await ports.policies.inForce();
    if (pinned?.promotion !== id) return undefined;
    return tellInForce(ports.promotions, { ...pinned, promotion: id }, ports.now);
  }

  /** It is looked at again: less often the longer that takes, for an execution has only so many steps. */
  function takingBack(promotion: Promotion): CleanUpAnswer {
    return { outcome: "taking-back", seconds: secondsUntilNextLook(ports.watchSeconds, secondsSinceEnd(promotion)) };
  }

  function secondsSinceEnd({ history }: Promotion): number {
    const endedAt = history.at(-1)?.at;
    return endedAt === undefined ? 0 : (msOfInstant(ports.now()) - msOfInstant(endedAt)) / 1000;
  }

  /** What serves too long after a loan the audit finds. Of what gets a copy of every request nobody else would tell. */
  function requireNotStuck(promotion: Promotion): void {
    if (secondsSinceEnd(promotion) < longestInShadowSeconds) return;
    const { name } = promotion.manifest.target;
    throw new Failure("unavailable", `What runs in shadow in ${name} is not gone, a day after the promotion ended.`);
  }

  /** Whether nothing of it runs in shadow any more; where it still does, what answers comes to answer alone. */
  async function shadowGone({ id, manifest: { target }, shadow: run }: Promotion): Promise<boolean> {
    const ends = target.kind === "policy" ? undefined : ports.shadows[target.kind];
    // With its report written it was gone.
    if (ends === undefined || run?.beside === undefined || run.evidence !== undefined) return true;
    return (await ends.end({ promotion: id, target, run })) === "gone";
  }

  /** Whether what was lent serves no more; where it still does, what served before comes back. `serves`: what does then. */
  async function takenBack(
    deployment: Deployment,
    target: DeploymentTarget,
  ): Promise<{ readonly gone: boolean; readonly serves?: string }> {
    const running = await target.describeRunning(deployment.target);
    const { revision, changingTo, beside } = running;
    // The part of the candidate that answers beside it is ended by `restrict` first.
    if (beside === deployment.promotion) return { gone: false };
    if (!concerns(running, deployment.promotion) && !isDown(running, deployment)) {
      // What is under way may still come to serve what was lent, so it is looked at again.
      if (changingTo !== undefined) return { gone: false };
      return { gone: true, ...(revision === undefined ? {} : { serves: revision }) };
    }
    try {
      await target.rollBack(deployment);
    } catch (error) {
      // Some targets take no second change while the first is under way.
      if (changingTo === undefined || !(error instanceof Failure) || error.code !== "unavailable") throw error;
    }
    return { gone: false };
  }

  /** A step may have failed after the target was touched: what ran before comes back first. */
  async function leave(
    deployment: Deployment,
    target: DeploymentTarget,
    because: "ended" | "a step failed",
  ): Promise<void> {
    const running = await target.describeRunning(deployment.target);
    // Going back from what is broken may take several steps, with nothing there in between. Where nothing failed, the
    // watch has seen to that, and what is gone now was removed by somebody.
    const down = because === "a step failed" && isDown(running, deployment);
    if (!concerns(running, deployment.promotion) && !down) return;
    await target.rollBack(deployment);
    throw new Failure("unavailable", `What runs in ${deployment.target.name} goes back to what ran before.`);
  }

  function isDown({ revision, changingTo, broken }: Running, { previous }: Deployment): boolean {
    return broken !== undefined || (revision === undefined && changingTo === undefined && previous !== undefined);
  }

  function failed(promotion: Promotion, failure: CleanUpInput["failure"]): Promotion | undefined {
    if (hasEnded(promotion.status) || failure === undefined) return undefined;
    const reason = `A step failed and could not be repeated (${failure.Error}).${saidOf(failure)}`;
    return advance(
      promotion,
      { status: "failed", reason },
      { type: "failed", at: ports.now(), summary: reason, body: { error: failure.Error }, attachments: [] },
    );
  }

  function cleaned(promotion: Promotion, removed: readonly string[]): Promotion | undefined {
    if (promotion.history.some((fact) => fact.type === "clean-up")) return undefined;
    const what = removed.length === 0 ? "nothing was staged" : `removed: ${removed.join(", ")}`;
    return advance(
      promotion,
      {},
      { type: "clean-up", at: ports.now(), summary: `Cleaned up; ${what}.`, body: { removed }, attachments: [] },
    );
  }
}

/** The sentence with which a step of ours failed, by its code (`step`); what anybody else says is for the log alone. */
function saidOf({ Error: code, Cause: cause }: NonNullable<CleanUpInput["failure"]>): string {
  if (cause === undefined || !/^[a-z-]+$/.test(code)) return "";
  const said = v.safeParse(v.pipe(v.string(), v.parseJson(), v.object({ errorMessage: v.string() })), cause);
  return said.success ? ` ${cutText(said.output.errorMessage, longestSaid)}` : "";
}

const longestSaid = 1000;
const longestInShadowSeconds = 86_400;
