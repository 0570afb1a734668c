import { type Approval, evaluateApproval } from "../../../core/approval/evaluate-approval.ts";
import {
  type ApprovalPolicy,
  approvalInputOf,
  groupsOf,
  openStageOf,
  requirementsNow,
  restartReview,
} from "../../../core/approval/promotion-approval.ts";
import type { RecordedSignOff } from "../../../core/attestation/recorded-sign-off.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import type { Member } from "../../../core/promotion/identity.ts";
import { advance } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { reviewAnswer } from "../../review-answer.ts";
import { moveOn, type PromotionMoves } from "../../steps/promotion-store.ts";

export interface DecidePorts {
  readonly now: () => Instant;
  readonly policy: ApprovalPolicy;
  readonly promotions: PromotionMoves & { signOffs(id: PromotionId): Promise<readonly RecordedSignOff[]> };
  readonly directory: { everybody(groups: readonly string[]): Promise<readonly Member[]> };
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
    const promotion = await moveOn(ports.promotions, id, nextState);
    await ring(promotion);
  };

  async function nextState(current: Promotion): Promise<Promotion | undefined> {
    if (current.status !== "in-review" && current.status !== "approved") return undefined;
    if (current.verdict !== undefined) return undefined;
    const requirements = requirementsNow(ports.policy, current);
    const signOffs = (await ports.promotions.signOffs(current.id)).map(({ signOff }) => signOff);
    if (requirements.sha256 !== current.requirements.sha256) {
      return restartReview(current, requirements.sha256, signOffs, ports.now());
    }
    const members = await ports.directory.everybody(groupsOf(requirements.document));
    const { people } = ports.policy;
    const now = ports.now();
    const approval = evaluateApproval(
      approvalInputOf(current, requirements.document, { people, members, signOffs, entitlement: "as-signed", now }),
    );
    return decided(current, approval, now);
  }

  async function ring(promotion: Promotion): Promise<void> {
    const token = await ports.tokens.find(promotion.id);
    if (token === undefined) return;
    const { rule } = requirementsNow(ports.policy, promotion).document;
    const answer = reviewAnswer(promotion, rule, ports.now());
    if (answer === undefined) return;
    // `gone`: the wait timed out, and `expire` answers from the same table; or an earlier ring got through.
    await ports.ring(token, answer);
    await ports.tokens.forget(promotion.id, token);
  }
}

function decided(promotion: Promotion, { outcome }: Approval, now: Instant): Promotion | undefined {
  const stage = openStageOf(promotion);
  switch (outcome.kind) {
    case "open":
      return undefined;
    case "rejected":
      return advance(
        promotion,
        {
          status: "rejected",
          reason: outcome.reason,
          ...(stage === undefined ? {} : { stage: { ...stage, open: false } }),
        },
        {
          type: "rejected",
          at: now,
          summary: outcome.reason,
          body: { by: outcome.by.map(({ identity }) => ({ ...identity })) },
          attachments: [],
        },
      );
    case "reached": {
      // Between two stages nothing is open, and what was reached has been written already.
      if (stage === undefined) return undefined;
      const last = outcome.next === undefined;
      const seats = outcome.settled.seats.map(({ role, person, signOff }) => ({
        role,
        person: { ...person },
        signOff,
      }));
      return advance(
        promotion,
        {
          status: last ? "approved" : "in-review",
          stage: { ...stage, open: false },
          settled: [...promotion.settled, outcome.settled],
        },
        {
          type: "stage-decided",
          at: now,
          summary: `Every seat of the stage '${stage.name}' is filled${last ? "; the quorum is reached" : ""}.`,
          body: { stage: stage.index, seats },
          attachments: [],
        },
      );
    }
    default:
      return outcome satisfies never;
  }
}
