import type { SignOffResult } from "../../../core/promotion/sign-off.ts";
import { apiClient, isUnjudged, type Problem } from "../api/client.ts";
import type { RecordedAnswer } from "../api/contract.ts";
import { type Receipt, receiptOf } from "../receipts/receipt.ts";
import type { PendingDecision } from "../session/pending-sign-in.ts";
import { dropDraft } from "./draft.ts";

/** What became of a decision that was signed. */
export type DecisionOutcome =
  | {
      readonly kind: "recorded";
      readonly promotion: string;
      readonly result: SignOffResult;
      readonly id: string;
      readonly recordedAt: string;
      /** Why nothing rests on it, where nothing does. */
      readonly late?: string;
      readonly receipt: Receipt;
    }
  | {
      readonly kind: "refused";
      readonly promotion: string;
      readonly problem: Problem;
      /** What can be sent again as it is: nobody judged it. The same statement twice is one sign-off. */
      readonly again?: { readonly decision: PendingDecision; readonly idToken: string };
    };

/** Hands in the statement with the ID token that signs it (design 3.3). */
export async function recordDecision(decision: PendingDecision, idToken: string): Promise<DecisionOutcome> {
  const { promotion, statement, passkey } = decision;
  const path = `/v1/promotions/${encodeURIComponent(promotion)}/sign-offs`;
  const reply = await apiClient(idToken).post<RecordedAnswer>(path, {
    statement,
    idToken,
    ...(passkey === undefined ? {} : { passkey }),
  });
  if (reply.kind === "ok") {
    dropDraft(promotion, statement.predicate.reviewer, sessionStorage);
    const { id, recordedAt, late } = reply.value;
    const { result } = statement.predicate;
    return {
      kind: "recorded",
      promotion,
      result,
      id,
      recordedAt,
      ...(late === undefined ? {} : { late }),
      receipt: receiptOf(reply.value, [promotion, result]),
    };
  }
  const { problem } = reply;
  return {
    kind: "refused",
    promotion,
    problem,
    ...(isUnjudged(problem) ? { again: { decision, idToken } } : {}),
  };
}
