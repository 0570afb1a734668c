import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import {
  type ApprovalPolicy,
  nextStage,
  openStageOf,
  pinnedRequirements,
  requirementsInForce,
  stageDeadline,
} from "../../../core/approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { shadowSettled } from "../../../core/promotion/shadow.ts";
import { type SentBackPorts, sentBack } from "../../review/sent-back.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface OpenStagePorts extends SentBackPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves & SentBackPorts["promotions"];
  readonly tokens: { keep(id: PromotionId, token: string, deadline: Instant): Promise<void> };
  readonly policy: ApprovalPolicy;
}

export interface OpenStageInput {
  readonly promotionId: PromotionId;
  readonly taskToken: string;
  /** For how long the machine waits now, as was reckoned in the state before; not told by executions of a version of before. */
  readonly seconds?: number;
}

/** By so much may the machine wait past the end of a stage: the state before took its time. Far less than a loan's end may be late. */
const reckonedSeconds = 300;

/**
 * Open the stage: keeps the doorbell, then lets the people of the next stage in. The machine waits until `decide`
 * rings; the answer of this function goes nowhere. Throws `not-in-review` where there is nothing to wait for, or not for so long:
 * the machine records the expiry then, of which it is told that the stage is over, or how much is left of it.
 */
export function openStage(ports: OpenStagePorts) {
  return async ({ promotionId, taskToken, seconds = 0 }: OpenStageInput): Promise<void> => {
    const before = await requirePromotion(ports.promotions, promotionId);
    // The token first: a stage that is open without a bell could be decided and nobody would hear it.
    await ports.tokens.keep(promotionId, taskToken, before.expiresAt);
    const { stage } = await moveOn(ports.promotions, promotionId, (current) => {
      if (openStageOf(current) !== undefined) return undefined;
      const rule = pinnedRequirements(ports.policy, current)?.rule;
      // What was lent may have been ratified while it was deployed: then no stage is left, and the table has the answer.
      const lent = current.status === "loaned" && rule !== undefined && nextStage(rule, current) !== undefined;
      if (current.status !== "gating" && current.status !== "in-review" && !lent) {
        throw new Failure("not-in-review", `The promotion is ${current.status}; no stage can be opened any more.`);
      }
      // The review began anew, by somebody else or by this very step whose answer was lost: its gates come first.
      if (current.status === "gating" && current.gates?.outcome !== "passed")
        throw new Failure("not-in-review", "The gates have not passed in this review yet; no stage can be opened.");
      if (rule !== undefined) return withStageOpened(current, rule, requireTimeLeft(current, ports.now()));
      // Nobody is asked under requirements that are not in force any more; `decide` rings for it.
      return sentBack(ports, current, requirementsInForce(ports.policy, current), ports.now);
    });
    if (stage?.open !== true) return;
    const now = ports.now();
    // An execution that was stopped and redriven would wait the whole time of the stage once more, and what is lent serve on.
    if (stage.deadline <= now)
      throw new Failure(
        "not-in-review",
        `The time of the stage '${stage.name}' is over; nothing is waited for any more.`,
      );
    if (stage.deadline < addSeconds(now, seconds - reckonedSeconds))
      throw new Failure(
        "not-in-review",
        `The stage '${stage.name}' ends before it would be waited for no more; what is left of its time is reckoned anew.`,
      );
  };
}

/** Its execution may have begun, or been redriven, long after it was submitted: nobody is asked for what is over. */
function requireTimeLeft({ status, expiresAt }: Promotion, now: Instant): Instant {
  if (status !== "loaned" && now >= expiresAt)
    throw new Failure("not-in-review", "The promotion's time is over; no stage is opened any more.");
  return now;
}

function withStageOpened(promotion: Promotion, rule: ApprovalRule, now: Instant): Promotion {
  const next = nextStage(rule, promotion);
  if (next === undefined) throw new Failure("conflict", "Every stage of this promotion is decided.");
  // The machine asks for it before; nobody is asked by a machine that forgot.
  if (!shadowSettled(rule.shadow, promotion))
    throw new Failure("conflict", "The candidate has not run in shadow as its rule asks.");
  const { index, stage } = next;
  const openings = promotion.history.filter(
    (fact) => fact.type === "stage-opened" && fact.body["stage"] === index && fact.body["review"] === promotion.review,
  );
  const round = openings.length + 1;
  const deadline = stageDeadline(stage, promotion, now);
  return advance(
    promotion,
    {
      status: promotion.status === "loaned" ? "loaned" : "in-review",
      stage: { index, name: stage.name, round, openedAt: now, deadline, open: true },
    },
    {
      type: "stage-opened",
      at: now,
      summary: `The stage '${stage.name}' (${index + 1} of ${rule.stages.length}) is open.`,
      body: { stage: index, name: stage.name, round, review: promotion.review, deadline },
      attachments: [],
    },
  );
}
