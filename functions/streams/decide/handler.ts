import {
  type ApprovalPolicy,
  pinnedRequirements,
  requirementsInForce,
} from "../../../core/approval/promotion-approval.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { type LentSeatsPorts, lentSeats } from "../../people/lent-seats.ts";
import { reviewAnswer } from "../../review/review-answer.ts";
import { reviewDecision } from "../../review/review-decision.ts";
import { rejectedBefore, type SentBackPorts, sentBack } from "../../review/sent-back.ts";
import { moveOn, type PromotionMoves, requirePromotion } from "../../steps/promotion-store.ts";

export interface DecidePorts extends LentSeatsPorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & LentSeatsPorts["promotions"];
  readonly blobs: SentBackPorts["blobs"];
  readonly tokens: {
    find(id: PromotionId): Promise<string | undefined>;
    forget(id: PromotionId, token: string): Promise<void>;
  };
  readonly ring: (token: string, answer: object) => Promise<"rung" | "gone">;
}

/**
 * The one writer that decides (design 3.1): reads all sign-offs, computes the outcome, moves the promotion with one
 * conditional write, and only then rings the state machine. Everything may be done twice: a crash between any two
 * steps is repaired by the stream's retry.
 */
export function decide(ports: DecidePorts) {
  return async (id: PromotionId): Promise<void> => {
    await moveOn(ports.promotions, id, nextState);
    await ring(id);
  };

  async function nextState(current: Promotion): Promise<Promotion | undefined> {
    if (!["in-review", "approved", "loaned"].includes(current.status)) return undefined;
    if (current.verdict !== undefined) return undefined;
    const requirements = pinnedRequirements(ports.policy, current);
    const signOffs = () => ports.promotions.signOffs(current.id);
    const { now } = ports;
    if (requirements !== undefined) {
      const judged = { requirements, signOffs, now };
      return (await reviewDecision(ports, current, judged)) ?? (await lentSeats(ports, current, judged));
    }
    const inForce = requirementsInForce(ports.policy, current);
    if (current.status !== "loaned") return sentBack(ports, current, inForce, now);
    const rejected = await rejectedBefore(ports, current, now);
    if (rejected !== undefined) return rejected;
    // What runs on loan cannot go back to the gates. Nobody can ratify it any more, but whoever may can still stop it.
    if (inForce.kind === "none") return undefined;
    const next = await reviewDecision(ports, current, { requirements: inForce.requirements.document, signOffs, now });
    return next?.status === "rejected" ? next : undefined;
  }

  /** What is answered is as of after the token was found: of a wait that began since the promotion was read, the answer before is none. */
  async function ring(id: PromotionId): Promise<void> {
    const token = await ports.tokens.find(id);
    if (token === undefined) return;
    const promotion = await requirePromotion(ports.promotions, id);
    // Its gates passed in this review: the machine has come to the stage since, and is about to open it.
    if (promotion.status === "gating" && promotion.gates !== undefined) return;
    const answer = reviewAnswer(promotion, pinnedRequirements(ports.policy, promotion)?.rule, ports.now());
    if (answer === undefined) return;
    // `gone`: the wait timed out, and `expire` answers from the same table; or an earlier ring got through.
    await ports.ring(token, answer);
    await ports.tokens.forget(promotion.id, token);
  }
}
