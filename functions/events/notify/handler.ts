import { Failure } from "../../../core/failure.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { hasEnded } from "../../../core/promotion/life-cycle.ts";
import type { Promotion } from "../../../core/promotion/promotion.ts";
import { isPromotionId, type PromotionId } from "../../../core/promotion/promotion-id.ts";
import type { AskedReviewersPorts } from "../../people/asked-reviewers.ts";
import { type TellPorts, type TimeLeft, teller } from "../../telling/tell.ts";
import type { Telling } from "../../telling/telling.ts";
import { concernedTelling, intruderTelling, requestTelling } from "./concerned.ts";
import { tellingsOfSigners } from "./fallen.ts";
import { everybody } from "./members.ts";
import { outcomeTelling, remedyTelling, takenBackTelling } from "./outcome.ts";
import { questionTelling } from "./question.ts";
import { askedTellings, settledTelling } from "./stage.ts";
import { type StrayPorts, strayTelling } from "./stray.ts";

export interface NotifyPorts extends TellPorts, AskedReviewersPorts {
  readonly promotions: AskedReviewersPorts["promotions"] & {
    load(id: PromotionId): Promise<Promotion | undefined>;
    facts(id: PromotionId): Promise<readonly Fact[]>;
    installationFacts: StrayPorts["promotions"]["installationFacts"];
    recordFact(fact: Fact): Promise<"recorded" | "exists">;
  };
}

/** The bus's event about a fact in the ledger. */
export interface AnnouncedFact {
  readonly detail: { readonly factId?: unknown; readonly promotionId?: unknown; readonly type?: unknown };
}

/**
 * Tells people that they are needed, once a stage opens, and whoever started the run where nobody is there to be asked; the others that it is decided; those whose signature fell that
 * it did, and those whose rejection goes on into another review; everybody concerned that a loan is asked for, and given; those who made the candidate what is asked about it, and whoever asked the answer; and those who were asked to
 * sign, with whoever started the run, how it ended. What runs where nothing was ever approved is for operators.
 * Throws `unavailable` where a letter did not leave, after everybody else was told.
 */
export function notify(ports: NotifyPorts) {
  return async ({ detail }: AnnouncedFact, left: TimeLeft): Promise<void> => {
    const tell = teller(ports, left);
    const untold: string[] = [];
    for (const telling of await tellingsOf(detail, ports)) {
      if (telling === undefined) continue;
      try {
        await tell(telling);
      } catch (error) {
        // A letter that does not leave is tried again by each retry: it keeps nobody of the fact's other tellings from theirs.
        if (!(error instanceof Failure) || error.code !== "unavailable") throw error;
        untold.push(error.message);
      }
    }
    if (untold.length > 0) throw new Failure("unavailable", untold.join(" "));
  };
}

/** What people are told of a fact; `undefined` stands for what concerns nobody, or nobody any more. */
async function tellingsOf(
  { factId, promotionId, type }: AnnouncedFact["detail"],
  ports: NotifyPorts,
): Promise<readonly (Telling | undefined)[]> {
  if (promotionId === undefined && type === "intruder-found") return [await strayTelling(factId, ports)];
  if (!isPromotionId(promotionId)) return [];
  const promotion = await ports.promotions.load(promotionId);
  if (promotion === undefined) return [];
  const fact = promotion.history.find(({ id }) => id === factId);
  if (type === "stage-opened") return await askedTellings(promotion, ports);
  if (type === "intruder-found" || type === "take-back") return [await intruderTelling(promotion, factId, ports)];
  if (type === "question" || type === "answer") return [await questionTelling(promotion, factId, ports)];
  if (type === "loan-requested") return [await requestTelling(promotion, factId, ports)];
  if (fact?.type === "loan") return [await concernedTelling(promotion, fact, "lent", ports)];
  if (fact?.type === "loan-review-opened") return [await concernedTelling(promotion, fact, "afterwards", ports)];
  if (fact?.type === "seat-reopened" || fact?.type === "supersedes")
    return await fallenTellings(promotion, fact, ports);
  if (fact?.type === "remedy") return [await remedyTelling(promotion, fact, ports)];
  if (hasEnded(promotion.status) || promotion.status === "deployed" || promotion.status === "restricted")
    return [await outcomeTelling(promotion, ports)];
  return fact?.type === "stage-decided" ? [await settledTelling(promotion, fact, ports)] : [];
}

async function fallenTellings(promotion: Promotion, fact: Fact, ports: NotifyPorts): Promise<readonly Telling[]> {
  const signers = await tellingsOfSigners(promotion, fact, await everybody(ports), ports);
  const wasTakenBack = "breach" in fact.body && signers.length > 0;
  return wasTakenBack ? [await takenBackTelling(promotion, fact, ports), ...signers] : signers;
}
