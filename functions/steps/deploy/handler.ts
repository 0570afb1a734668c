import type { CalendarOutcome } from "../../../core/approval/calendar.ts";
import { lastMoment } from "../../../core/approval/promotion-approval.ts";
import { isTooOld, requireRecent } from "../../../core/attestation/verdict.ts";
import { type Ground, groundFor } from "../../../core/deployment/beside.ts";
import { limitsOf, whyNotHeld, whyNotKept, whyTooManyAlarms } from "../../../core/deployment/conditions.ts";
import {
  concerns,
  type DeploymentTarget,
  type Running,
  targetOfKind,
} from "../../../core/deployment/deployment-target.ts";
import { type ApprovedOrder, verdictOver } from "../../../core/deployment/order.ts";
import { placeOf } from "../../../core/deployment/place.ts";
import { isVerdictDue } from "../../../core/deployment/plan-application.ts";
import { releaseFor, releaseSentence } from "../../../core/deployment/release.ts";
import { isGone } from "../../../core/deployment/release-as-signed.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import { Failure } from "../../../core/failure.ts";
import { reportIn } from "../../../core/promotion/deployment-report.ts";
import type { Attachment } from "../../../core/promotion/fact.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { inForceText } from "../../../core/promotion/release-conditions.ts";
import { environmentDocument } from "../../../core/promotion/serving-environment.ts";
import type { DeployedKind } from "../../../core/promotion/target.ts";
import type { Release } from "../../../core/promotion/traffic.ts";
import { mayBeVerifiedAgain } from "../../../core/promotion/verified-again.ts";
import { laneOf, type PromotionLists, surveyLane } from "../../running/what-runs.ts";
import { type ApprovedOrderPorts, approvedOrder } from "../approved-order.ts";
import { blockedBy } from "../blocked-by.ts";
import { environmentOf } from "../order.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";
import { secondsUntilLook, withWait } from "../what-it-waits-for.ts";
import {
  type AppliedPlan,
  appliedPlans,
  beganBefore,
  type PlanPorts,
  tooLate,
  withPlanAwaited,
} from "./applied-plans.ts";
import { deployable, mayBegin, requireNotOver } from "./may-begin.ts";

export interface DeployPorts extends ApprovedOrderPorts, Pick<PlanPorts, "facts" | "recordFact" | "describeChangeSet"> {
  readonly calendar: (promotion: Promotion, now: Instant) => CalendarOutcome;
  /** Whether the requirements that it was approved under are those in force. */
  readonly isPinned: (promotion: Promotion) => boolean;
  readonly watchSeconds: number;
  readonly blobs: ApprovedOrderPorts["blobs"] & { put(bytes: Uint8Array, mediaType: string): Promise<Sha256> };
  readonly promotions: PromotionMoves & PromotionLists;
  readonly targets: Readonly<Record<DeployedKind, DeploymentTarget>>;
}

/** The watch looks every few seconds, and is tried again where it fails. */
const longestToHearSeconds = 900;

/** What is told of a deployment's beginning beside the order. */
interface ToldBeside {
  readonly plans: readonly AppliedPlan[];
  /** The environment's document. */
  readonly environment: Attachment;
}

export interface DeployInput {
  readonly promotionId: PromotionId;
  /** Answers that its execution knows: one that began under a definition of before goes back to no verification. */
  readonly understands?: readonly string[];
}

export type DeployAnswer =
  | { readonly outcome: "started" | "waiting" | "unverified"; readonly seconds: number }
  | { readonly outcome: "refused" };

/**
 * Deploy the candidate. Trusts nothing that woke it: holds the verdict against what it is about to deploy, and what
 * is staged against what was frozen (design 3.2).
 */
export function deploy(ports: DeployPorts) {
  return async ({ promotionId, understands = [] }: DeployInput): Promise<DeployAnswer> => {
    const promotion = await requirePromotion(ports.promotions, promotionId);
    const target = targetOfKind(ports.targets, promotion.manifest.target.kind);
    const started = { outcome: "started", seconds: ports.watchSeconds } as const;
    const unverified = { outcome: "unverified", seconds: ports.watchSeconds } as const;
    const goesBack = understands.includes(unverified.outcome);
    // What an earlier run of this step has begun was allowed then: it is watched, and not left half done.
    if (promotion.deployment !== undefined && (await hasBegun(promotion, target))) return started;
    try {
      if (mayBegin(promotion, goesBack, ports) === "held") return unverified;
      // What is awaited may take longer than a verdict is good for: another is signed once it is there.
      const old = needsAnother(promotion);
      // Nobody has approved it under the requirements in force; or its own time is over, and nothing is awaited any more.
      const over = old && ports.now() >= lastMoment(promotion);
      const changed = mayBeVerifiedAgain(promotion) && !ports.isPinned(promotion);
      if ((old || changed) && !goesBack) throw beganBefore(old);
      if (over || changed) return unverified;
      const approved = old ? undefined : await approvedOrder(promotion, ports);
      const infrastructure = await appliedPlans(promotion, ports);
      if (infrastructure.kind === "awaited") {
        const { why } = infrastructure;
        return await waiting(promotion, (current) => withPlanAwaited(current, why, ports.now()));
      }
      const other = await deployedByPipeline(promotion);
      if (other !== undefined) {
        const until = `its pipeline has said what came of ${other.manifest.model.version}, which it is deploying there (${other.id})`;
        return await waiting(promotion, (current) => withWait(current, until, {}, ports.now()));
      }
      if (approved === undefined) return unverified;
      const environment = await keepEnvironment(promotion);
      const until = await start(approved, target, { plans: infrastructure.plans, environment });
      if (until === undefined) return started;
      return await waiting(promotion, (current) => withWait(current, until, {}, ports.now()));
    } catch (error) {
      if (!(error instanceof Failure) || error.code === "unavailable" || error.code === "ledger-invalid") throw error;
      // It grew too old while the target was asked.
      if (error.code === "verdict-expired" && goesBack && needsAnother(promotion)) return unverified;
      await refuse(promotionId, error.code === "verdict-expired" ? tooLate(promotion, error) : error);
      return { outcome: "refused" };
    }
  };

  /** Tells once what it waits for, and says when to look again; unless somebody may apply a plan meanwhile, under a verdict that is too old for that. */
  async function waiting(
    { id }: Promotion,
    told: (current: Promotion) => Promotion | undefined,
  ): Promise<Extract<DeployAnswer, { seconds: number }>> {
    const promotion = await moveOn(ports.promotions, id, told);
    if (isVerdictDue(promotion, ports.now())) return { outcome: "unverified", seconds: ports.watchSeconds };
    return { outcome: "waiting", seconds: secondsUntilLook(promotion, ports.watchSeconds, ports.now()) };
  }

  /** Whether its verdict allows nothing to begin any more, and another may be signed. One that is from the future is none. */
  function needsAnother(promotion: Promotion): boolean {
    const { verdict } = promotion;
    return mayBeVerifiedAgain(promotion) && verdict?.result === "PASSED" && isTooOld(verdict.at, ports.now());
  }

  async function hasBegun({ id, status, manifest, deployment }: Promotion, target: DeploymentTarget): Promise<boolean> {
    if (status !== "deploying" && status !== "loaned") return false;
    // It is on its way back: the watch sees to that, and nothing brings it there again.
    if (deployment?.rollBack !== undefined) return true;
    // Nothing that runs tells of it: from then on its pipeline may fetch a passport, and deploy at any time.
    if (manifest.target.kind === "pipeline") return true;
    const running = await target.describeRunning(manifest.target);
    return running.broken === undefined && concerns(running, id);
  }

  /** What a pipeline is deploying there. Nobody sees what it does, and two of them beside each other end as they like. */
  async function deployedByPipeline(promotion: Promotion): Promise<Promotion | undefined> {
    if (promotion.manifest.target.kind !== "pipeline") return undefined;
    const { released } = await surveyLane(ports.promotions, laneOf(promotion));
    if (released === undefined || released.id === promotion.id || (await isOver(released))) return undefined;
    return released;
  }

  /**
   * Whether a pipeline has said what came of a deployment, or its time for it is over, so long ago that nobody makes anything of it
   * any more: its execution was stopped, or went with the stack. Whoever waits for that one would wait for ever.
   */
  async function isOver({ id, deployment, manifest: { target } }: Promotion): Promise<boolean> {
    if (deployment === undefined || target.kind !== "pipeline") return false;
    const over = reportIn(await ports.facts(id))?.at ?? addSeconds(deployment.startedAt, target.withinSeconds);
    return ports.now() >= addSeconds(over, longestToHearSeconds);
  }

  /** What says the image is kept before anything names it. */
  async function keepEnvironment(promotion: Promotion): Promise<Attachment> {
    const mediaType = "application/json";
    const bytes = await environmentOf(promotion, ports.artifacts.read);
    return { name: environmentDocument, mediaType, sha256: await ports.blobs.put(bytes, mediaType) };
  }

  /** Answers what is in its way for a while yet, in words that follow "once"; then nothing was touched. */
  async function start(order: ApprovedOrder, target: DeploymentTarget, told: ToldBeside): Promise<string | undefined> {
    const { conditions } = order;
    const preflight = await target.preflight(order, ({ revision }) =>
      releaseFor(order.target, revision === undefined ? "nothing" : "something", limitsOf(conditions, order.target)),
    );
    if (preflight.kind === "impossible") throw new Failure("deployment-refused", preflight.why);
    const { release, running } = preflight;
    // What runs there may have gone since people signed.
    const broken =
      conditions &&
      (whyNotKept(conditions, order.target, release.kind) ??
        whyNotHeld(conditions, order.target) ??
        whyTooManyAlarms(conditions, order.target, release.kind));
    if (broken !== undefined) throw new Failure("conditions-refused", broken);
    if (running.changingTo !== undefined && running.changingTo !== order.promotion) {
      // It goes on for hours or days, and what would be put back instead of this one is neither of the two.
      if (running.changingTo === running.promotion && running.revision !== running.changingTo)
        throw new Failure(
          "deployment-refused",
          `Another candidate answers a part of the requests of ${placeOf(order.target)}, and its time is not over. Submit this one again once it is.`,
        );
      // Somebody else's release, which may take hours, or that what serves scales.
      return `what changes ${placeOf(order.target)} at the moment is over`;
    }
    const ground = await groundUnder(order, release, running);
    if (ground.kind === "refused") throw new Failure("deployment-refused", ground.why);
    if (ground.kind === "leaving") return `what runs there is gone: ${ground.why}`;
    // Written before the target is touched: a crash in between is finished by the retry, and never forgotten.
    const written = await moveOn(ports.promotions, order.promotion, (current) =>
      current.deployment === undefined ? withDeployment(current, order, { release, running, ...told }) : undefined,
    );
    const { rollBack } = written.deployment ?? {};
    // Another run of the step had begun it, and what it came to goes back by now.
    if (rollBack === undefined) await target.start(order, written.deployment?.release ?? release);
    return undefined;
  }

  /** What answers there now may have been lent, or be on its way out. */
  async function groundUnder({ promotion }: ApprovedOrder, release: Release, running: Running): Promise<Ground> {
    const { promotion: answers } = running;
    const there = answers === undefined || answers === promotion ? undefined : await ports.promotions.load(answers);
    if (there === undefined) return { kind: "sound" };
    const again = there.restriction?.reapproval;
    return groundFor(release, there, again === undefined ? undefined : await ports.promotions.load(again), ports.now());
  }

  function withDeployment(
    promotion: Promotion,
    { image, model, target, verdict, conditions }: ApprovedOrder,
    given: ToldBeside & { readonly release: Release; readonly running: Running },
  ): Promotion {
    const { release, plans, environment } = given;
    const { revision } = given.running;
    const gone = isGone(promotion, revision);
    const at = ports.now();
    // The target may have taken as long to answer as there was left.
    const under = verdictOver(promotion);
    if (under !== undefined) requireRecent(under.at, at);
    requireNotOver(promotion, at);
    return advance(
      promotion,
      {
        status: promotion.status === "loaned" ? "loaned" : "deploying",
        deployment: {
          startedAt: at,
          serves: { image, model },
          release,
          ...(conditions === undefined ? {} : { conditions }),
          ...(revision === undefined ? {} : { previous: revision }),
        },
      },
      {
        type: "deployment-started",
        at,
        summary: `The deployment to ${placeOf(target)} in ${target.name} has started. ${releaseSentence(release, target)}${gone ? " What it was to take over from does not run there any more." : ""}${conditions === undefined ? "" : ` It was approved on condition that ${inForceText(conditions)}.`}`,
        body: {
          endpoint: target.endpoint,
          previous: revision ?? null,
          ...(gone ? { gone } : {}),
          verdict,
          image,
          model: { ...model },
          release: { ...release },
          ...(conditions === undefined ? {} : { conditions: { ...conditions } }),
          ...(plans.length === 0 ? {} : { infrastructure: plans.map((each) => ({ ...each })) }),
        },
        attachments: [environment],
      },
    );
  }

  function refuse(id: PromotionId, failure: Failure): Promise<Promotion> {
    return moveOn(ports.promotions, id, (current) =>
      deployable.includes(current.status) ? blockedBy(failure, "deploy", current, ports.now()) : undefined,
    );
  }
}
