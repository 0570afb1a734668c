import { secondsUntilAwaited } from "../../../core/deployment/release.ts";
import type { ShadowTarget } from "../../../core/deployment/shadow-target.ts";
import { addSeconds, type Instant, msOfInstant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { advance, hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { FrozenCopy, Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { isCaptured, runUnder, type ShadowPlan, type ShadowRun } from "../../../core/promotion/shadow.ts";
import {
  withNothingToCompare,
  withShadowOver,
  withShadowReported,
  withShadowRunning,
  withShadowStarted,
} from "../../../core/promotion/shadowing.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import { provisioningSeconds } from "../../../core/promotion/traffic.ts";
import { keptRequirements } from "../../review/kept-requirements.ts";
import { orderOf } from "../order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";
import { type ReportPorts, shadowReport } from "./report.ts";

export interface RunInShadowPorts extends ReportPorts {
  readonly now: () => Instant;
  readonly watchSeconds: number;
  readonly promotions: PromotionMoves;
  readonly blobs: ReportPorts["blobs"] & { get(sha256: Sha256): Promise<Uint8Array> };
  readonly readArtifact: (copy: FrozenCopy, largest: number) => Promise<Uint8Array>;
  readonly artifactsBucket: string;
  /** Kinds of target in which a candidate can run in shadow. */
  readonly targets: Readonly<Partial<Record<DeployedKind, ShadowTarget>>>;
}

export type ShadowAnswer =
  /** `settled`: nothing is asked for, or the gates know what came of it; `reported`: they do not yet. */
  { readonly outcome: "settled" | "reported" | "ended" } | { readonly outcome: "watching"; readonly seconds: number };

/** What both answered last is captured some minutes later: so long it is waited for. */
const captureSeconds = 600;
/** Each look is nine events of an execution, which has 25,000; half of them are for what comes after. */
const mostLooks = 1000;

/**
 * Run in shadow: where the approval matrix asks for it, the candidate gets the requests of production before people are
 * asked, and nobody hears its answers. Looks once, and comes back while it runs. What it came to goes back to the gates;
 * what cannot be judged is blocked, and cleaned up by the machine.
 */
export function runInShadow(ports: RunInShadowPorts) {
  return async ({ promotionId }: { readonly promotionId: PromotionId }): Promise<ShadowAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    if (hasEnded(promotion.status)) return { outcome: "ended" };
    const plan = await planOf(promotion);
    if (plan === undefined) return { outcome: "settled" };
    try {
      switch (promotion.status) {
        case "gating":
          return await begin(promotion, plan);
        case "shadowing":
          return await look(promotion, plan);
        default:
          throw new Failure("conflict", `The promotion is ${promotion.status}: it does not run in shadow any more.`);
      }
    } catch (error) {
      if (!(error instanceof Failure) || error.code !== "deployment-refused") throw error;
      return block(promotionId, error.message);
    }
  };

  /** By what the promotion is pinned to: requirements that changed meanwhile send it back to the gates, where they are asked. */
  async function planOf(promotion: Promotion): Promise<ShadowPlan | undefined> {
    return (await keptRequirements(ports.blobs, promotion)).rule.shadow;
  }

  async function begin(promotion: Promotion, plan: ShadowPlan): Promise<ShadowAnswer> {
    const before = runUnder(plan, promotion.shadow);
    if (before?.evidence !== undefined)
      return { outcome: promotion.gates?.shadowRun === before.evidence.sha256 ? "settled" : "reported" };
    if (before !== undefined) return { outcome: "settled" };
    if (ports.now() >= promotion.expiresAt) return expire(promotion.id);
    const order = await orderOf(promotion, ports.artifactsBucket, ports.readArtifact);
    const target = targetOf(promotion);
    const seen = target.captured !== undefined && isCaptured(order.target);
    if (!seen && (plan.agreement !== undefined || plan.psi !== undefined))
      return block(
        promotion.id,
        `Its rule asks whether both models answer alike, and in the target '${order.target.name}' nobody sees what they answer: only errors and latency can be judged there.`,
      );
    const footing = await target.footing(order);
    switch (footing.kind) {
      case "impossible":
        return block(promotion.id, footing.why);
      case "later":
        return watching(plan, promotion, promotion.history.at(-1)?.at ?? promotion.submittedAt);
      case "nothing": {
        if (plan.required === true)
          return block(
            promotion.id,
            "Its rule asks for a run in shadow, and nothing runs there yet to compare the candidate with.",
          );
        await begun(promotion, plan, (current, at) => withNothingToCompare(current, plan, at));
        // The gates decide which seats are open now that this is known.
        return { outcome: "reported" };
      }
      case "possible": {
        const { beside } = footing;
        const moved = await begun(promotion, plan, (current, at) => withShadowStarted(current, plan, beside, at));
        if (moved.status !== "shadowing") return { outcome: "ended" };
        await target.start(order, beside);
        return watching(plan, moved);
      }
      default:
        return footing satisfies never;
    }
  }

  async function look(promotion: Promotion, plan: ShadowPlan): Promise<ShadowAnswer> {
    const { id, shadow: run } = promotion;
    if (run === undefined) throw new Failure("conflict", "It runs in shadow, and nobody wrote down of what.");
    const now = ports.now();
    if (now >= promotion.expiresAt) return expire(id);
    const target = targetOf(promotion);
    const shadowing = { promotion: id, target: promotion.manifest.target, run };
    if (run.endedAt !== undefined) {
      if ((await target.end(shadowing)) === "going") return watching(plan, promotion, run.endedAt);
      return report(promotion, plan, run);
    }
    const order = await orderOf(promotion, ports.artifactsBucket, ports.readArtifact);
    const standing = await target.check({ ...order, run });
    switch (standing.kind) {
      case "lost":
        return block(id, `The run in shadow cannot be judged. ${standing.why}`);
      case "under-way":
        return isOverdue(run, now) ? block(id, overdue) : watching(plan, promotion);
      case "alone":
        if (run.since !== undefined)
          return block(id, "The run in shadow cannot be judged: somebody ended it before it was over.");
        if (standing.failure !== undefined)
          return block(id, `The candidate did not come up in shadow: ${standing.failure}`);
        if (isOverdue(run, now) || run.beside === undefined) return block(id, overdue);
        await target.start(order, run.beside);
        return watching(plan, promotion);
      case "running": {
        if (run.since === undefined) {
          const moved = await move(id, run, (current, at) => withShadowRunning(current, run, at));
          return watching(plan, moved);
        }
        const { candidate } = await target.measure(shadowing, now);
        if (!isEnough(plan, run.since, now, candidate.invocations)) return watching(plan, promotion);
        const { invocations } = candidate;
        await move(id, run, (current, at) => withShadowOver(current, run, invocations, at));
        return { outcome: "watching", seconds: 1 };
      }
      default:
        return standing satisfies never;
    }
  }

  async function report(promotion: Promotion, plan: ShadowPlan, run: ShadowRun): Promise<ShadowAnswer> {
    const { id, manifest } = promotion;
    const late = ports.now() >= addSeconds(run.endedAt ?? run.askedAt, captureSeconds);
    const shadowing = { promotion: id, target: manifest.target, run, plan, least: late ? 0 : plan.requests };
    const made = await shadowReport(ports, targetOf(promotion), shadowing);
    if (made === undefined) return watching(plan, promotion);
    const { evidence, observations } = made;
    const moved = await move(id, run, (current, at) =>
      withShadowReported(current, run, { evidence, observations, at }),
    );
    return { outcome: moved.status === "gating" ? "reported" : "ended" };
  }

  function targetOf({ manifest: { target } }: Promotion): ShadowTarget {
    const found = target.kind === "policy" ? undefined : ports.targets[target.kind];
    if (found !== undefined) return found;
    throw new Failure(
      "deployment-refused",
      `Its rule asks for a run in shadow, and in the target '${target.name}' there is none: only on SageMaker endpoints and on Kubernetes.`,
    );
  }

  /** `since`: from when on it waits for what others are to do, of which nobody can say how long it takes. */
  function watching({ withinSeconds }: ShadowPlan, { expiresAt }: Promotion, since = ports.now()): ShadowAnswer {
    const now = msOfInstant(ports.now());
    const left = Math.ceil((msOfInstant(expiresAt) - now) / 1000);
    const awaited = secondsUntilAwaited(ports.watchSeconds, (now - msOfInstant(since)) / 1000);
    const seconds = Math.max(awaited, Math.ceil(withinSeconds / mostLooks));
    return { outcome: "watching", seconds: Math.max(1, Math.min(seconds, left)) };
  }

  async function expire(id: PromotionId): Promise<ShadowAnswer> {
    const reason = "The promotion expired before its candidate had run in shadow.";
    await moveOn(ports.promotions, id, (current) =>
      current.status === "gating" || current.status === "shadowing"
        ? advance(
            current,
            { status: "expired", reason },
            { type: "expired", at: ports.now(), summary: reason, body: {}, attachments: [] },
          )
        : undefined,
    );
    return { outcome: "ended" };
  }

  async function block(id: PromotionId, why: string): Promise<ShadowAnswer> {
    await moveOn(ports.promotions, id, (current) =>
      current.status === "gating" || current.status === "shadowing"
        ? advance(
            current,
            { status: "blocked", reason: why },
            { type: "blocked", at: ports.now(), summary: why, body: { step: "shadow" }, attachments: [] },
          )
        : undefined,
    );
    return { outcome: "ended" };
  }

  /** The same for a run that begins, unless another call of the step told of that meanwhile, or its rule changed. */
  function begun(
    { id, requirements }: Promotion,
    plan: ShadowPlan,
    next: (current: Promotion, at: Instant) => Promotion,
  ): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) => {
      const known = runUnder(plan, current.shadow) !== undefined || current.requirements.sha256 !== requirements.sha256;
      return current.status !== "gating" || known ? undefined : next(current, ports.now());
    });
  }

  /**
   * Moves it on unless somebody ended it meanwhile, or told more of the run than was read: another call of the step, or this one's own
   * write, whose answer was lost.
   */
  function move(
    id: PromotionId,
    read: ShadowRun,
    next: (current: Promotion, at: Instant) => Promotion,
  ): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      current.status === "shadowing" && isSameRun(current.shadow, read) ? next(current, ports.now()) : undefined,
    );
  }
}

/** Whether as much is told of a run as was when it was read. */
function isSameRun(stored: ShadowRun | undefined, read: ShadowRun): boolean {
  return (
    stored !== undefined &&
    stored.plan === read.plan &&
    stored.askedAt === read.askedAt &&
    stored.since === read.since &&
    stored.endedAt === read.endedAt &&
    stored.evidence?.sha256 === read.evidence?.sha256
  );
}

const overdue = "The candidate did not come up in shadow in the longest time that it may take.";

function isOverdue({ askedAt, since }: ShadowRun, now: Instant): boolean {
  return since === undefined && now >= addSeconds(askedAt, provisioningSeconds);
}

function isEnough(plan: ShadowPlan, since: Instant, now: Instant, requests: number): boolean {
  if (now >= addSeconds(since, plan.withinSeconds)) return true;
  return now >= addSeconds(since, plan.durationSeconds) && requests >= plan.requests;
}
