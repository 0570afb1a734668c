import type { ApprovalPolicy } from "../../../core/approval/promotion-approval.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, identityKey, sameIdentity } from "../../../core/promotion/identity.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { questionsIn } from "../../../core/promotion/question.ts";
import { makersOf } from "../../people/makers.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { everybody, type MembersPorts } from "./members.ts";

export interface QuestionPorts extends MembersPorts {
  readonly policy: Pick<ApprovalPolicy, "matrix" | "people">;
  readonly promotions: { facts(id: PromotionId): Promise<readonly Fact[]> };
}

/** A question goes to those who had a hand in the candidate, its answer to whoever asked. */
export async function questionTelling(
  promotion: Promotion,
  factId: unknown,
  ports: QuestionPorts,
): Promise<Telling | undefined> {
  const facts = await ports.promotions.facts(promotion.id);
  const fact = facts.find(({ id }) => id === factId);
  const question = questionsIn(facts).find(({ id }) => id === fact?.body["question"]);
  if (fact === undefined || question === undefined) return undefined;
  const members = await everybody(ports);
  const purpose = fact.type === "answer" ? "answer" : "question";
  const makers = makersOf(promotion, members, ports.policy.people);
  const isTold = (identity: Identity): boolean =>
    purpose === "question" ? makers.has(identityKey(identity)) : sameIdentity(identity, question.by.identity);
  return {
    purpose,
    promotion,
    facts,
    occasion: question.id,
    at: fact.at,
    people: members
      .filter(({ identity, enabled }) => enabled && isTold(identity))
      .map((member): Recipient => ({ member, roles: [] })),
    rooms: { roles: [] },
    reason: purpose === "question" ? question.text : (question.answer?.text ?? ""),
    answers: () => true,
  };
}
