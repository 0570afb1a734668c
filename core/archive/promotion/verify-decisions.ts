import type { PeopleSnapshot } from "../../approval/people-snapshot.ts";
import type { Requirements } from "../../approval/requirements.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { Author } from "../../promotion/identity.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PeopleThen } from "../people/people-then.ts";
import { type Besides, type NamedPeople, type PeopleTold, peopleTold } from "../people/people-told.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { recheckFallen } from "./verify-fallen.ts";
import { recheckKeptInReview } from "./verify-kept-in-review.ts";
import { recheckLoan } from "./verify-loans.ts";
import { recheckRejections, recheckUnended } from "./verify-rejections.ts";
import { type ReviewProblem, recheckReview } from "./verify-review.ts";

/** All that the decisions about a promotion are made again from. Plain data: it may have to go to another thread. */
export interface Decisions {
  readonly steps: readonly Step[];
  readonly held: readonly HeldSignOff[];
  readonly lenders: readonly HeldLender[];
  readonly passkeys: ReadonlyMap<Sha256, Passkey>;
  /** What ID tokens tell of people, and who had a hand in the candidate. */
  readonly own: PeopleThen;
  readonly authors: readonly Author[];
  /** people.yaml of the policies that records name, and what lies with verdicts, by the places of their records. */
  readonly named: readonly NamedPeople[];
  readonly kept: ReadonlyMap<number, PeopleSnapshot>;
}

export interface DecisionProblem extends Omit<ReviewProblem, "code"> {
  readonly code: ReviewProblem["code"] | "loan-invalid";
}

/** What may have counted at a step besides what the promotion's own records name. */
export interface Meanwhile {
  readonly people: Besides;
  /** Whoever could stop what is lent could do it by the requirements in force as well. */
  readonly requirements: (step: Step) => readonly Requirements[];
}

const nothingElse: Meanwhile = { people: () => [], requirements: () => [] };

/** Makes the decisions of a review again. Answers what is wrong with them. */
export function recheckReviews(decisions: Decisions, meanwhile: Meanwhile = nothingElse): readonly DecisionProblem[] {
  const { steps, held, passkeys } = decisions;
  const people = peopleOf(decisions, meanwhile);
  return [
    ...recheckReview(steps, held, { people, passkeys, meanwhile: meanwhile.requirements }),
    ...recheckKeptInReview(steps, held, people),
    ...recheckFallen(steps, held),
    ...recheckRejections(steps, held, people),
    ...recheckUnended(steps, held, people),
  ];
}

/** The same for what was lent. */
export function recheckLent(decisions: Decisions, meanwhile: Meanwhile = nothingElse): readonly DecisionProblem[] {
  const { steps, lenders, held, passkeys } = decisions;
  const problems = recheckLoan(steps, { lenders, held, people: peopleOf(decisions, meanwhile), passkeys });
  return problems.map((problem) => ({ ...problem, code: "loan-invalid" }));
}

function peopleOf({ own, authors, named, kept }: Decisions, { people: besides }: Meanwhile): PeopleTold {
  return peopleTold({ own, authors, named, kept, besides });
}
