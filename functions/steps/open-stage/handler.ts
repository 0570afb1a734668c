import type { ApprovalRule } from "../../../core/approval/matrix.ts";
import {
  type ApprovalPolicy,
  nextStage,
  openStageOf,
  pinnedRequirements,
  requirementsInForce,
  stageDeadline,
} from "../../../core/approval/promotion-approval.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { Failure } from "../../../core/failure.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { shadowSettled } from "../../../core/promotion/shadow.ts";
import { type SentBackPorts, sentBack } from "../../sent-back.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../promotion-store.ts";

export interface OpenStagePorts extends SentBackPorts {
  readonly now: () => Instant;
  readonly promotions: PromotionMoves & SentBackPorts["promotions"];
  readonly tokens: { keep(id: PromotionId, token: string, deadline: Instant): Promise<void> };
  readonly policy: ApprovalPolicy;
}

/**
 * Open the stage: keeps the doorbell, then lets the people of the next stage in. The machine waits until `decide`
 * rings; the answer of this function goes nowhere.
 */
export function openStage(ports: OpenStagePorts) {
  return async (input: { readonly promotionId: PromotionId; readonly taskToken: string }): Promise<void> => {
    const { promotionId, taskToken } = input;
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
      if (rule !== undefined) return withStageOpened(current, rule, ports.now());
      // Nobody is asked under requirements that are not in force any more; `decide` rings for it.
      return sentBack(ports, current, requirementsInForce(ports.policy, current), ports.now);
    });
    // An execution that was stopped and redriven would wait the whole time of the stage once more, and what is lent serve on.
    if (stage?.open === true && stage.deadline <= ports.now())
      throw new Failure(
        "not-in-review",
        `The time of the stage '${stage.name}' is over; nothing is waited for any more.`,
      );
  };
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
