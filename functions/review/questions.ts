import type { PersonOf } from "../../core/approval/entitlement.ts";
import type { Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import type { Fact } from "../../core/promotion/fact.ts";
import type { Identity } from "../../core/promotion/identity.ts";
import { isOpen } from "../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../core/promotion/promotion.ts";
import type { PromotionId } from "../../core/promotion/promotion-id.ts";
import {
  type parseQuestion,
  questionFact,
  questionsIn,
  type Speaker,
  saysTheSame,
} from "../../core/promotion/question.ts";
import type { Turn } from "../../core/promotion/turn-book.ts";
import { inTurn, type TurnBooks } from "../in-turn.ts";

/** More than anybody would read before a decision. */
const mostQuestions = 100;
/** Of one person: the others have something to ask as well. */
const mostOfOne = 20;

export interface QuestionPorts {
  readonly now: () => Instant;
  readonly turns: TurnBooks;
  readonly promotions: {
    /** Of a promotion, as the store has them: the questions about it, and their answers. */
    factsUnder(id: PromotionId, name: "question"): Promise<readonly Fact[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** Whether something was said for the first time, and the fact that stands. */
export interface Said {
  readonly first: boolean;
  readonly fact: Fact;
}

/**
 * Records what somebody asks about a candidate. Throws `not-in-review` or `conflict`.
 *
 * @param keyOf who is whom: one person's questions are counted together, with whichever account
 */
export async function recordQuestion(
  promotion: Promotion,
  asked: ReturnType<typeof parseQuestion>,
  by: Speaker,
  keyOf: PersonOf,
  ports: QuestionPorts,
): Promise<Said> {
  const facts = await ports.promotions.factsUnder(promotion.id, "question");
  const fact = questionFact(promotion.id, asked, by, ports.now());
  const known = facts.find(({ id }) => id === fact.id);
  if (known === undefined && !isOpen(promotion.status))
    throw new Failure("not-in-review", `The promotion is ${promotion.status}; nothing is asked about it any more.`);
  if (known === undefined)
    await inTurn(ports.turns, `${promotion.id}/questions`, { id: fact.id, by: by.identity, at: fact.at }, (others) =>
      requireRoom(
        facts,
        others.filter(({ id }) => !facts.some((each) => each.id === id)),
        (each) => keyOf(each) === keyOf(by.identity),
      ),
    );
  return sayOnce(fact, known, "Another question was asked under this id before.", ports);
}

/** `others`: what is about to be asked besides. */
function requireRoom(facts: readonly Fact[], others: readonly Turn[], isTheirs: (asker: Identity) => boolean): void {
  if (facts.filter(({ type }) => type === "question").length + others.length >= mostQuestions)
    throw new Failure("conflict", `${mostQuestions} questions were asked about it; no more are taken.`);
  const askers = [...questionsIn(facts).map((each) => each.by.identity), ...others.map((each) => each.by)];
  if (askers.filter(isTheirs).length >= mostOfOne)
    throw new Failure("conflict", `You have asked ${mostOfOne} questions about it; no more of yours are taken.`);
}

/** Records a question or an answer, or finds that it was recorded before; another one under its id is a `conflict`. */
export async function sayOnce(
  fact: Fact,
  known: Fact | undefined,
  otherwise: string,
  { promotions }: QuestionPorts,
): Promise<Said> {
  if (known === undefined && (await promotions.recordFact(fact)) === "recorded") return { first: true, fact };
  const first =
    known ?? (await promotions.factsUnder(fact.promotion as PromotionId, "question")).find(({ id }) => id === fact.id);
  if (first === undefined || !saysTheSame(first, fact)) throw new Failure("conflict", otherwise);
  return { first: false, fact: first };
}
