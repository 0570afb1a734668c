import { changeSetIdOf, changeSetState, type SeenChangeSet } from "../../../core/deployment/change-set.ts";
import { type PlanState, plansToApply, reportedPlan } from "../../../core/deployment/plan-state.ts";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import type { FrozenEvidence } from "../../../core/promotion/freeze-manifest.ts";
import { planReportFact, planReportIn } from "../../../core/promotion/plan-report.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { whatItWaitedFor, withWait } from "../what-it-waits-for.ts";

export interface PlanPorts {
  readonly now: () => Instant;
  readonly blobs: { get(sha256: Sha256): Promise<Uint8Array> };
  readonly facts: (id: PromotionId) => Promise<readonly Fact[]>;
  readonly recordFact: (fact: Fact) => Promise<"recorded" | "exists">;
  /**
   * A change set by its ARN, described with the values of its properties or without, in the account of the promotion's
   * target; `undefined` where there is none.
   */
  readonly describeChangeSet: (
    id: string,
    withValues: boolean,
    promotion: Pick<Promotion, "id" | "manifest">,
  ) => Promise<SeenChangeSet | undefined>;
}

/** A plan that is applied, and who says so. */
export type AppliedPlan = { readonly plan: Sha256; readonly by: "change-set" | "report" };

export type AppliedPlans =
  | { readonly kind: "applied"; readonly plans: readonly AppliedPlan[] }
  | { readonly kind: "awaited"; readonly why: string };

/**
 * Whether every plan that was signed is applied, where the target asks. Throws `deployment-refused` for one that is not
 * what was signed, or cannot be applied any more.
 */
export async function appliedPlans(promotion: Promotion, ports: PlanPorts): Promise<AppliedPlans> {
  const plans: AppliedPlan[] = [];
  const awaited: string[] = [];
  for (const plan of plansToApply(promotion.manifest)) {
    const state = await stateOf(promotion, plan, ports);
    switch (state.kind) {
      case "applied":
        plans.push({ plan: plan.sha256, by: state.by });
        break;
      case "awaited":
        awaited.push(state.why);
        break;
      case "refused":
        throw new Failure("deployment-refused", state.why);
      default:
        state satisfies never;
    }
  }
  return awaited.length === 0 ? { kind: "applied", plans } : { kind: "awaited", why: awaited.join("; ") };
}

/** The promotion as it waits for its plan; `undefined` where that was told already. */
export function withPlanAwaited(promotion: Promotion, why: string, at: Instant): Promotion | undefined {
  const plans = plansToApply(promotion.manifest).map(({ sha256 }) => sha256);
  return withWait(promotion, `the infrastructure plan that was signed is applied: ${why}`, { plans }, at);
}

/** That the verdict of a loan is too old by now, for whoever can do something about it: what it was that did not come in time. */
export function tooLate(promotion: Pick<Promotion, "history">, cause: Failure): Failure {
  const missing = whatItWaitedFor(promotion);
  return new Failure(
    cause.code,
    `A verdict is good for an hour, and nothing was deployed in that time.${missing} Submit the candidate again${missing === "" ? "" : " once it is so"}.`,
    { cause },
  );
}

/** Its execution keeps the definition that it began with, whatever was deployed since. */
export function beganBefore(old: boolean): Failure {
  return new Failure(
    "deployment-refused",
    `${old ? "Its verdict is older than an hour" : "The requirements changed after the verdict was signed"}, and this promotion began under a version of Countersign that does not verify it again; submit it again.`,
  );
}

/**
 * That the plan is applied, of what is to run on: the job that applied it for what drifted is over, and nobody waits to say so again.
 * Recorded as a report of its own; what the pipeline has said of this promotion stands before it.
 */
async function reportTakenOver(
  { id, reapproves }: Promotion,
  plan: FrozenEvidence,
  own: readonly Fact[],
  ports: PlanPorts,
): Promise<readonly Fact[]> {
  if (reapproves === undefined || planReportIn(own, plan.sha256) !== undefined) return [];
  const before = planReportIn(await ports.facts(reapproves.promotion), plan.sha256);
  if (before?.outcome !== "applied") return [];
  const detail = `It said so of ${reapproves.promotion}, which is to run on.`;
  const fact = planReportFact(id, plan, { ...before, detail }, ports.now());
  return (await ports.recordFact(fact)) === "recorded" ? [fact] : ports.facts(id);
}

async function stateOf(promotion: Promotion, plan: FrozenEvidence, ports: PlanPorts): Promise<PlanState> {
  switch (plan.format) {
    case "terraform-plan": {
      const facts = await ports.facts(promotion.id);
      return reportedPlan(plan, [...facts, ...(await reportTakenOver(promotion, plan, facts, ports))]);
    }
    case "cloudformation-change-set": {
      // The gates have read it: it is JSON.
      const text = fromUtf8(await ports.blobs.get(plan.sha256));
      const signed = JSON.parse(text) as Json;
      const changeSet = changeSetIdOf(signed);
      if (changeSet === undefined) return { kind: "refused", why: `The plan '${plan.name}' names no change set.` };
      return changeSetState(
        plan.name,
        signed,
        await ports.describeChangeSet(changeSet, /"(After|Before)Context"/.test(text), promotion),
      );
    }
    default:
      return {
        kind: "refused",
        why: `Nobody knows here how to see whether a plan in the format '${plan.format}' is applied.`,
      };
  }
}
