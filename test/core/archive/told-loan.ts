import type { Step } from "../../../core/archive/history/replay-promotion.ts";
import { recheckLoan } from "../../../core/archive/promotion/verify-loans.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { Loan } from "../../../core/promotion/loan.ts";
import { peopleIn, reviewOf, type ToldReview, told } from "./told.ts";
import { at, stepOf } from "./told-steps.ts";

// Ida asked for an hour and Olaf confirmed it; it ran, and nobody ratified it.
export const lent = await reviewOf(told.lent);
export const ratified = await reviewOf(told.ratified);
export const deployed = await reviewOf(told.deployed);

export const sentences = (over: Partial<ToldReview> = {}, review = lent) => {
  const these = { ...review, ...over };
  const { steps, lenders, held, passkeys } = these;
  return recheckLoan(steps, { lenders, held, people: peopleIn(these), passkeys }).map(({ sentence }) => sentence);
};
export const loanIn = ({ after }: Step): Loan => {
  if (after.loan === undefined) throw new Error("Nothing was lent.");
  return after.loan;
};
export const loan = loanIn(stepOf(lent.steps, "loan"));
/** The first step of a type alone, at so many seconds from the loan's end. */
export const fromEnd = (type: FactType, seconds: number) =>
  at(lent.steps, type, addSeconds(loan.until, seconds)).filter(({ record }) => record.type === type);
