import { complain, countOf, fieldsOf, list, type Place, secondsOf, wordsOf } from "../../encoding/policy-file.ts";
import type { LoanPeriod, LoanPolicy } from "../matrix.ts";

/** What runs longer without its quorum is no emergency any more. */
const longest = 7 * 86_400;
const most = 100;

const periods: readonly LoanPeriod[] = ["month", "quarter", "year"];

/** Reads how a rule lets seats be lent; `undefined` where it does not. */
export function loanOf(place: Place | undefined, roles: readonly string[]): LoanPolicy | undefined {
  if (place === undefined) return undefined;
  const fields = fieldsOf(place, ["roles", "maximum", "budget"]);
  const budget = fieldsOf(fields.budget, ["loans", "per"]);
  const per = periods.find((period) => period === budget.per?.value);
  if (budget.per !== undefined && per === undefined) complain(budget.per, `This must be one of ${list(periods)}.`);
  return {
    roles: fields.roles === undefined ? [] : wordsOf(fields.roles, roles),
    maximumSeconds: secondsOf(fields.maximum, 60, longest),
    budget: { loans: countOf(budget.loans, 1, most), per: per ?? "quarter" },
  };
}
