import { evaluateApproval } from "../../core/approval/evaluate-approval.ts";
import { approvalInputOf } from "../../core/approval/promotion-approval.ts";
import { signOffContextOf } from "../../core/attestation/sign-off-context.ts";
import { canonicalJsonBytes, type Json } from "../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Member } from "../../core/promotion/identity.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import { type PromotionView, promotionView } from "../../functions/api/read-promotions/view.ts";
import {
  attestationBase,
  digestOf,
  everybody,
  now,
  policy,
  promotionInReview,
  requirements,
} from "../core/promotion/promotion-in-review.ts";

/** What reviewers are shown, as far as the command line prints it. */
export const summary: Json = {
  summaryVersion: 1,
  attention: [
    { kind: "unusual", sentence: "The interval of auc reaches below its bound.", where: "model-quality.json" },
  ],
  quality: [{ title: "AUC", value: 0.7912345678, where: "model-quality.json", bound: { min: 0.72 }, margin: 0.07 }],
  fairness: [],
};

const report: Json = {
  reportVersion: 1,
  outcome: "passed",
  findings: [
    { rule: "quality.auc", title: "AUC", status: "passed", sentence: "AUC is 0.79; at least 0.72 is required." },
  ],
};

/** The answer of GET /v1/promotions/{id}, put together by the service's own code. */
export function servedPromotion(over: Partial<Promotion> = {}, members: readonly Member[] = everybody): PromotionView {
  const promotion = promotionInReview({
    gates: { outcome: "passed", report: digestOf("report"), summary: sha256Hex(canonicalJsonBytes(summary)) },
    history: [],
    ...over,
  });
  const input = approvalInputOf(promotion, requirements.document, {
    people: policy.people,
    members,
    signOffs: [],
    entitlement: "as-signed",
    now,
  });
  const view = promotionView({
    places: [],
    mayAnswer: false,
    authorNames: [],
    barred: [],
    members: [],
    loans: [],
    promotion,
    requirements: requirements.document,
    report,
    summary,
    context:
      promotion.status === "in-review" && promotion.stage?.open
        ? signOffContextOf(promotion, attestationBase)
        : undefined,
    explanation: evaluateApproval(input).explanation,
    signOffs: [],
    facts: [],
    outcomes: [],
  });
  return JSON.parse(JSON.stringify(view)) as PromotionView;
}
