import type { ApprovalInput } from "../../../core/approval/approval-input.ts";
import { givesRole, rolesNamedBy, rolesOfRule, rolesOfStage, titleOf } from "../../../core/approval/entitlement.ts";
import { everyGroup, openStageOf, requirementsInForce } from "../../../core/approval/promotion-approval.ts";
import { loanFact, loanFactId, type RecordedLoan } from "../../../core/attestation/recorded-loan.ts";
import { reviewerMark } from "../../../core/attestation/review-link.ts";
import { changesPolicies } from "../../../core/policy/change-words.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { type Identity, identityKey, type Member, sameIdentity } from "../../../core/promotion/identity.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import { nextStep } from "../../../core/promotion/next-step.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import { questionsIn } from "../../../core/promotion/question.ts";
import type { SignOff } from "../../../core/promotion/sign-off.ts";
import { type AskedReviewersPorts, askedReviewers, reviewInput } from "../../people/asked-reviewers.ts";
import { makersOf } from "../../people/makers.ts";
import { startersOf } from "../../people/starters.ts";
import { type TellPorts, type TimeLeft, teller } from "../../telling/tell.ts";
import type { Recipient, Telling } from "../../telling/telling.ts";
import { whyAskedAgain } from "../../telling/why-asked-again.ts";
import { tellingsOfSigners } from "./fallen.ts";
import { type StrayPorts, strayTelling } from "./stray.ts";

export interface NotifyPorts extends TellPorts, AskedReviewersPorts {
  readonly promotions: {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    installationFacts: StrayPorts["promotions"]["installationFacts"];
    signOffs(id: PromotionId): Promise<readonly { readonly signOff: SignOff }[]>;
    loans(id: PromotionId): Promise<readonly RecordedLoan[]>;
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** The bus's event about a fact in the ledger. */
export interface AnnouncedFact {
  readonly detail: { readonly factId?: unknown; readonly promotionId?: unknown; readonly type?: unknown };
}

/**
 * Tells people that they are needed, once a stage opens; the others that it is decided; those whose signature fell that
 * it did, and those whose rejection goes on into another review; everybody concerned that a loan is asked for, and given; those who made the candidate what is asked about it, and whoever asked the answer; and those who were asked to
 * sign, with whoever started the run, how it ended. What runs where nothing was ever approved is for operators.
 */
export function notify(ports: NotifyPorts) {
  return async (announced: AnnouncedFact, left: TimeLeft): Promise<void> =>
    await hearing(ports, teller(ports, left))(announced);
}

function hearing(ports: NotifyPorts, tell: (telling: Telling) => Promise<void>) {
  return async ({ detail }: AnnouncedFact): Promise<void> => {
    if (detail.promotionId === undefined && detail.type === "intruder-found") {
      const telling = await strayTelling(detail.factId, ports);
      return telling === undefined ? undefined : await tell(telling);
    }
    if (!isPromotionId(detail.promotionId)) return;
    const promotion = await ports.promotions.load(detail.promotionId);
    if (promotion === undefined) return;
    const fact = promotion.history.find(({ id }) => id === detail.factId);
    if (detail.type === "stage-opened") await askReviewers(promotion);
    else if (detail.type === "intruder-found" || detail.type === "take-back")
      await tellOfIntruder(promotion, detail.factId);
    else if (detail.type === "question" || detail.type === "answer") await passOn(promotion, detail.factId);
    else if (detail.type === "loan-requested") await tellOfRequest(promotion, detail.factId);
    else if (fact?.type === "loan") await tellConcerned(promotion, fact, "lent");
    else if (fact?.type === "loan-review-opened") await tellConcerned(promotion, fact, "afterwards");
    else if (fact?.type === "seat-reopened" || fact?.type === "supersedes") await tellSigners(promotion, fact);
    else if (fact?.type === "remedy") await tellRemedy(promotion, fact);
    else if (hasEnded(promotion.status) || promotion.status === "deployed" || promotion.status === "restricted")
      await tellOutcome(promotion);
    else if (fact?.type === "stage-decided") await tellOthers(promotion, fact);
  };

  async function askReviewers(promotion: Promotion): Promise<void> {
    const stage = openStageOf(promotion);
    const input = await inputOf(promotion);
    if (stage === undefined || input === undefined) return;
    const carried = (promotion.carried ?? []).filter(({ review }) => review === promotion.review);
    const signed = new Set(carried.map(({ signOff }) => identityKey(signOff.reviewer)));
    // Whose signature of before is kept has nothing left to do.
    const people = (await askedReviewers(input, stage, ports)).filter(
      ({ member }) => !signed.has(identityKey(member.identity)),
    );
    const open = input.rule.stages[stage.index];
    const asked = open === undefined ? [] : rolesOfStage(open);
    const reason = await whyAskedAgain(promotion, ports.promotions.load);
    await tell({
      purpose: "asked",
      promotion,
      facts: await ports.promotions.facts(promotion.id),
      occasion: `${promotion.review}/${stage.index}/${stage.round}`,
      at: stage.openedAt,
      stage,
      people,
      rooms: { roles: asked.map((name) => ({ name, title: titleOf(input.roles, name) })) },
      ...(reason === undefined ? {} : { reason }),
    });
  }

  async function askedOf(promotion: Promotion): Promise<readonly Recipient[]> {
    const stage = openStageOf(promotion);
    const input = await inputOf(promotion);
    return stage === undefined || input === undefined ? [] : await askedReviewers(input, stage, ports);
  }

  /** What the open stage is judged by, if one is open. */
  async function inputOf(promotion: Promotion): Promise<ApprovalInput | undefined> {
    if (openStageOf(promotion) === undefined) return undefined;
    const signOffs = (await ports.promotions.signOffs(promotion.id)).map(({ signOff }) => signOff);
    return reviewInput(promotion, signOffs, ports);
  }

  /** Those who were asked for a stage and are in none of its seats: it is decided without them. */
  async function tellOthers(promotion: Promotion, fact: Fact): Promise<void> {
    const index = Number(fact.body["stage"]);
    const name = String(promotion.history.find(opening(index, promotion.review))?.body["name"] ?? "");
    const facts = await ports.promotions.facts(promotion.id);
    const begins = `${promotion.id}/asked/${promotion.review}/${index}/`;
    const ofStage = ({ id }: Pick<Fact, "id">) => id.startsWith(begins);
    const seats = promotion.settled.find((settled) => settled.index === index)?.seats ?? [];
    const done = new Set(seats.map(({ person }) => identityKey(person)));
    const members = (await everybody()).filter(({ identity }) => !done.has(identityKey(identity)));
    await tell({
      purpose: "settled",
      promotion,
      facts,
      occasion: tail(fact),
      at: fact.at,
      stage: { index, name, deadline: promotion.expiresAt },
      people: askedAmong(members, facts.filter(ofStage)),
      rooms: { roles: [] },
      answers: ofStage,
    });
  }

  /** A question goes to those who had a hand in the candidate, its answer to whoever asked. */
  async function passOn(promotion: Promotion, factId: unknown): Promise<void> {
    const facts = await ports.promotions.facts(promotion.id);
    const fact = facts.find(({ id }) => id === factId);
    const question = questionsIn(facts).find(({ id }) => id === fact?.body["question"]);
    if (fact === undefined || question === undefined) return;
    const members = await everybody();
    const purpose = fact.type === "answer" ? "answer" : "question";
    const makers = makersOf(promotion, members, ports.policy.people);
    await tell({
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
    });

    function isTold(identity: Identity): boolean {
      return purpose === "question"
        ? makers.has(identityKey(identity))
        : sameIdentity(identity, question?.by.identity ?? identity);
    }
  }

  async function tellSigners(promotion: Promotion, fact: Fact): Promise<void> {
    const members = await everybody();
    const tellings = await tellingsOfSigners(promotion, fact, members, ports);
    if ("breach" in fact.body && tellings.length > 0) await tellStarters(promotion, fact, members);
    for (const telling of tellings) await tell(telling);
  }

  /**
   * Everybody whose role the rule names, whether asked or not, and whoever started the run: a loan does without them. Of what is lent
   * also whoever may ratify it in the place of somebody who is away.
   */
  async function tellConcerned(
    promotion: Promotion,
    fact: Fact,
    purpose: "lending" | "lent" | "afterwards" | "intruder",
    reason = fact.summary,
  ): Promise<void> {
    const inForce = requirementsInForce(ports.policy, promotion);
    const named = inForce.kind === "asked" ? rolesNamedBy(inForce.requirements.document.rule) : [];
    const { roles } = ports.policy.matrix;
    const members = await everybody();
    const starters = startersOf(promotion, members, ports.policy.people);
    const delegates = purpose === "lent" ? await askedOf(promotion) : [];
    const isAsked = ({ identity }: Member) => delegates.some(({ member }) => sameIdentity(member.identity, identity));
    await tell({
      purpose,
      promotion,
      facts: await ports.promotions.facts(promotion.id),
      occasion: purpose === "intruder" ? fact.id.slice(promotion.id.length + 1) : tail(fact),
      at: fact.at,
      people: members
        .filter(
          (member) =>
            starters.includes(member) || isAsked(member) || named.some((role) => givesRole(roles, role, member)),
        )
        .filter(({ enabled }) => enabled)
        .map((member): Recipient => ({ member, roles: [] })),
      rooms: { roles: named.map((name) => ({ name, title: titleOf(roles, name) })) },
      reason,
      answers: () => true,
    });
  }

  /** While nothing is lent yet: whoever may confirm it has an hour, and whoever may reject can still keep it from running. */
  async function tellOfRequest(promotion: Promotion, factId: unknown): Promise<void> {
    const recorded = (await ports.promotions.loans(promotion.id)).find(
      ({ signature }) => loanFactId(promotion.id, signature.id) === factId,
    );
    if (recorded === undefined || promotion.status !== "in-review" || promotion.loan !== undefined) return;
    const { confirms, reason, review } = recorded.signature;
    // That it is confirmed is told as what comes of it.
    if (confirms !== undefined || review !== promotion.review) return;
    const fact = loanFact(recorded);
    await tellConcerned(promotion, fact, "lending", `${fact.summary} ${reason}`);
  }

  /** Something runs that should not, or could not be taken back: that is for everybody to know whose signature it does without. */
  async function tellOfIntruder(promotion: Promotion, factId: unknown): Promise<void> {
    const fact = (await ports.promotions.facts(promotion.id)).find(({ id }) => id === factId);
    if (fact !== undefined && fact.body["state"] !== "started") await tellConcerned(promotion, fact, "intruder");
  }

  /** It was approved under conditions and taken back: whoever started the run has something to look into. */
  async function tellStarters(promotion: Promotion, fact: Fact, members: readonly Member[]): Promise<void> {
    await tell({
      purpose: "taken-back",
      promotion,
      facts: await ports.promotions.facts(promotion.id),
      occasion: tail(fact),
      at: fact.at,
      people: startersOf(promotion, members, ports.policy.people).map((member): Recipient => ({ member, roles: [] })),
      reason: fact.summary,
      answers: () => true,
    });
  }

  /** What was done about a model that drifted, or could not be; that it is about to be says nothing yet. */
  async function tellRemedy(promotion: Promotion, fact: Fact): Promise<void> {
    if (fact.body["state"] === "started") return;
    const ended = hasEnded(promotion.status);
    await tellOutcome(promotion, ended ? undefined : { occasion: `remedy/${tail(fact)}`, reason: fact.summary });
  }

  async function tellOutcome(
    promotion: Promotion,
    { occasion, reason }: { readonly occasion: string; readonly reason: string | undefined } = {
      occasion: promotion.status,
      reason: promotion.reason,
    },
  ): Promise<void> {
    const { status } = promotion;
    const inForce = requirementsInForce(ports.policy, promotion);
    const rule = inForce.kind === "asked" ? inForce.requirements.document.rule : undefined;
    const facts = await ports.promotions.facts(promotion.id);
    const members = await everybody();
    const { people } = ports.policy;
    const starters = startersOf(promotion, members, people);
    const others = askedAmong(members, facts).filter(({ member }) => !starters.includes(member));
    const next = nextStep(status, changesPolicies(promotion.manifest.model)) ?? nothingLeft;
    const started = starters.map((member): Recipient => ({ member, roles: [], next }));
    await tell({
      // What was deployed and is restricted now may come back: nobody is told that there is nothing left to do.
      purpose: status === "restricted" ? "restricted" : "told",
      promotion,
      facts,
      occasion,
      at: promotion.history.at(-1)?.at ?? promotion.submittedAt,
      people: [
        ...others.map((each): Recipient => ({ ...each, next: status === "superseded" ? askedAnew : nothingLeft })),
        ...started,
      ],
      rooms: { roles: (rule === undefined ? [] : rolesOfRule(rule)).map((name) => ({ name, title: name })) },
      ...(reason === undefined ? {} : { reason }),
      answers: () => true,
    });
  }

  /** Everybody with a role: whoever was asked under other requirements is told as well. */
  async function everybody(): Promise<readonly Member[]> {
    return ports.directory.everybody(everyGroup(ports.policy.matrix));
  }
}

const nothingLeft = "There is nothing left for you to do.";
const askedAnew = "Where the newer candidate needs you, you are asked in a letter of its own.";

/** Finds the fact that opened a stage of a review. */
function opening(stage: number, review: number): (fact: Fact) => boolean {
  return ({ type, body }) => type === "stage-opened" && body["stage"] === stage && body["review"] === review;
}

/** The members whom one of the facts asked, and whose account still works. */
function askedAmong(members: readonly Member[], facts: readonly Fact[]): readonly Recipient[] {
  const marks = new Set(facts.flatMap(({ body }) => (wasAsked(body) ? [body["reviewer"]] : [])));
  return members
    .filter(({ identity, enabled }) => enabled && marks.has(reviewerMark(identityKey(identity))))
    .map((member) => ({ member, roles: [] }));
}

/** A reminder asks as well: of delegates, often for the first time. */
function wasAsked(body: Fact["body"]): boolean {
  return body["purpose"] === "asked" || body["purpose"] === "reminded";
}

/** What tells a fact of a promotion from its others: its id without the promotion's. */
function tail({ id }: Fact): string {
  return id.slice(id.lastIndexOf("/") + 1);
}
