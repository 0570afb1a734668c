import { inRecordedOrder } from "../../approval/approval-input.ts";
import { loanOf, loanPeriodOf, refuseLender } from "../../approval/loan.ts";
import { approvalInputOf } from "../../approval/promotion-approval.ts";
import type { Passkey } from "../../attestation/recorded-passkey.ts";
import { canonicalJson } from "../../encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { isLent, isLoanRefused } from "../../promotion/lending.ts";
import { hasEnded } from "../../promotion/life-cycle.ts";
import type { LenderSignature, Loan } from "../../promotion/loan.ts";
import type { PromotionId } from "../../promotion/promotion-id.ts";
import { byOneOf } from "../documents/by-one-of.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { startedOnLoan } from "../history/replay-loan.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PackFinding, Unchecked } from "../pack/pack-findings.ts";
import { recordPath } from "../pack/pack-layout.ts";
import type { PeopleThen } from "../people/people-then.ts";
import { confirmedByOthers, type PeopleTold } from "../people/people-told.ts";
import { withPasskeysAt } from "../people/standing-passkeys.ts";
import type { HeldLender } from "../people/verify-lender.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { signOffsIn } from "./verify-review.ts";
import { whatWasSeen } from "./what-was-seen.ts";

/** What is wrong with a loan, and the record that shows it. */
export interface LoanProblem {
  readonly index: number;
  readonly sentence: string;
}

/** Who people were, and which passkeys stood. */
export interface LoanWitnesses {
  readonly lenders: readonly HeldLender[];
  readonly held: readonly HeldSignOff[];
  readonly people: PeopleTold;
  readonly passkeys: ReadonlyMap<Sha256, Passkey>;
}

/**
 * Judges a loan again: that two entitled people gave it, for no longer than the rule allows and within its budget, that
 * what was lent ran under a loan's verdict and within its time, and that what nobody ratified was taken back.
 */
export function recheckLoan(steps: readonly Step[], witnesses: LoanWitnesses): readonly LoanProblem[] {
  return steps.flatMap((step) => {
    const { index } = step;
    return problemsOf(step, witnesses).map((sentence) => ({ index, sentence }));
  });
}

function problemsOf(step: Step, witnesses: LoanWitnesses): readonly string[] {
  const { record, before, after } = step;
  if (record.type === "loan-refused") return refusedAfter(step, witnesses);
  const loan = after.loan ?? before?.loan;
  if (before === undefined || loan === undefined) return [];
  switch (record.type) {
    case "loan":
      return [...given(step, loan, witnesses), ...budgeted(step)];
    case "verdict": {
      const { loan: ofLoan, result } = bodyOf("verdict", record);
      if (ofLoan !== true || result !== "PASSED") return [];
      const { people, passkeys, lenders } = witnesses;
      const used = lenders.map(({ signature }) => signature);
      const late = record.at >= addSeconds(loan.until, clockToleranceSeconds);
      const those = people.asVerified(step);
      const standing = withPasskeysAt(used, confirmedByOthers(passkeys, used, those), record.at);
      return [
        ...(late ? ["The loan's verdict is PASSED, but the loan was over."] : []),
        ...new Set(refused(step, loan, witnesses, those, standing)),
      ];
    }
    case "deployment-started":
      return isLent(before) && record.at >= addSeconds(loan.until, clockToleranceSeconds)
        ? ["What was lent was deployed when the loan was over."]
        : [];
    case "loan-ended":
      return addSeconds(record.at, clockToleranceSeconds) < loan.until
        ? [`The loan was to last until ${loan.until}, and is said to have ended before.`]
        : [];
    case "loan-taken-back":
      return bodyOf("loan-taken-back", record).serves === before.id
        ? ["The loan is said to be taken back, and what was lent still serves."]
        : [];
    case "clean-up":
      if (!isLent(before) || !startedOnLoan(before)) return [];
      return [
        ...(loan.takenBackAt === undefined
          ? ["What was lent was cleaned up, and nothing says that it was taken back."]
          : []),
        ...(before.history.some(({ type }) => type === "loan-review-opened")
          ? []
          : ["What was lent was cleaned up, and no review of the loan was opened."]),
      ];
    default:
      return [];
  }
}

/** Nothing is lent to nobody: a second lender had confirmed it, and was not told before. */
function refusedAfter({ record, before }: Step, { lenders }: LoanWitnesses): readonly string[] {
  const { signature: id } = bodyOf("loan-refused", record);
  const latest = addSeconds(record.at, clockToleranceSeconds);
  const asked = lenders.some(
    ({ signature }) => signature.id === id && signature.confirms !== undefined && signature.recordedAt <= latest,
  );
  if (!asked) return ["A loan is said to be refused for which no second lender had signed."];
  return before !== undefined && isLoanRefused(before, { id }) ? ["A loan is said to be refused once more."] : [];
}

function given(step: Step, loan: Loan, witnesses: LoanWitnesses): readonly string[] {
  const signatures = witnesses.lenders.map(({ signature }) => signature);
  const [first, second] = pairOf(loan, signatures);
  if (first === undefined || second === undefined) return ["The loan rests on signatures that nothing proves."];
  if (canonicalJson(loanOf(first, second)) !== canonicalJson(loan))
    return ["The loan was recorded otherwise than its lenders signed."];
  const { before, record } = step;
  const deadline = before?.stage?.deadline;
  const ofAnother = [first, second].some(({ review }) => review !== before?.review);
  return [
    // Whoever lends signs the requirements and the gate report of one review, and for no other.
    ...(ofAnother ? ["The loan rests on signatures of another review."] : []),
    ...(deadline !== undefined && second.recordedAt >= deadline
      ? ["The loan was confirmed when the review was over."]
      : []),
    ...(record.at >= addSeconds(loan.until, clockToleranceSeconds) ? ["The loan was given when it was over."] : []),
    ...byOneOf(witnesses.people.asDecided(step), (those) => refused(step, loan, witnesses, those, signatures)).flatMap(
      (sentence) => sentence ?? [],
    ),
  ];
}

function refused(
  { before, requirements }: Step,
  loan: Loan,
  { held }: LoanWitnesses,
  people: PeopleThen,
  signatures: readonly LenderSignature[],
): readonly string[] {
  const [first, second] = pairOf(loan, signatures);
  if (before === undefined || requirements === undefined || first === undefined || second === undefined) return [];
  const { loan: _, ...promotion } = before;
  // What was signed in the last seconds before may or may not have been seen: an approval, or what took one back.
  const ways = [...whatWasSeen(inRecordedOrder(signOffsIn(held, before.review)), loan.at, () => false)];
  return byOneOf(ways, (signOffs) => {
    const approval = approvalInputOf(promotion, requirements, { ...people, signOffs, now: loan.at });
    const refusal =
      refuseLender(first, undefined, { promotion, approval }) ?? refuseLender(second, first, { promotion, approval });
    return refusal === undefined ? [] : [`The loan should not have been given: ${refusal.why}`];
  }).flatMap((sentence) => sentence ?? []);
}

function pairOf(loan: Loan, signatures: readonly LenderSignature[]): readonly (LenderSignature | undefined)[] {
  return loan.lenders.map(({ signature }) => signatures.find(({ id }) => id === signature));
}

function budgeted({ record, requirements }: Step): readonly string[] {
  const { budget, at } = bodyOf("loan", record);
  const policy = requirements?.rule.loan;
  if (policy === undefined) return ["Seats were lent, and the rule lends none."];
  const { loans, per } = policy.budget;
  return budget.of === loans && budget.number >= 1 && budget.number <= loans && budget.period === loanPeriodOf(per, at)
    ? []
    : ["The loan is not within the budget of its rule."];
}

/** A loan's place in the budget of its model. */
export interface BudgetedLoan {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly model: string;
  readonly period: string;
  readonly number: number;
}

/** The place that a promotion's loan has in the budget, where it has one. */
export function budgetedLoan(steps: readonly Step[]): BudgetedLoan | undefined {
  const step = steps.find(({ record }) => record.type === "loan");
  if (step === undefined) return undefined;
  const { period, number } = bodyOf("loan", step.record).budget;
  const { id, manifest } = step.after;
  return { promotion: id, index: step.index, model: manifest.model.name, period, number };
}

/** A loan that its promotion's records leave running. */
export interface RunningLoan {
  readonly promotion: PromotionId;
  readonly index: number;
  readonly until: Instant;
  /** Absent where nobody stopped it. */
  readonly rejectedAt?: Instant;
  /** When it is said to have ended; what was lent still serves for all that the records say. */
  readonly endedAt?: Instant;
}

/**
 * The loan that runs at the end of a promotion's records, where one does: until what was lent was taken back, whatever became
 * of the loan. `rejectedAt`: from `rejectedWhileLent`.
 */
export function runningLoan(steps: readonly Step[], rejectedAt?: Instant): RunningLoan | undefined {
  const last = steps.at(-1);
  if (last?.after.loan === undefined || !isLent(last.after)) return undefined;
  const { after, index } = last;
  const { id: promotion, loan } = last.after;
  const running = { promotion, index, until: loan.until };
  if (after.status === "loaned") return rejectedAt === undefined ? running : { ...running, rejectedAt };
  const ended = steps.find(({ after: { status } }) => hasEnded(status));
  // Where the watch has seen it go, the target's word is with the record; and of what was cleaned up, which is at its end, it is asked there.
  const gone = after.status === "rolled-back" || steps.some(({ record: { type } }) => type === "clean-up");
  if (ended === undefined || gone || loan.takenBackAt !== undefined || !startedOnLoan(after)) return undefined;
  return { ...running, endedAt: ended.record.at };
}

/** So long may pass between the end of a loan and its record. */
export const endsWithinSeconds = 900;
/** So long a target may take until what it served before serves again, and somebody to help it. */
export const goesWithinSeconds = 86_400;

/**
 * Loans that were over while the log went on, and of which nothing says that they ended: what was lent may run on, and
 * nobody approved it. `goesTo`: as late as the log is known to go on.
 */
export function recheckEnds(loans: readonly RunningLoan[], goesTo: Instant | undefined): readonly PackFinding[] {
  const isOver = (end: Instant) => goesTo !== undefined && goesTo >= addSeconds(end, endsWithinSeconds);
  return loans.flatMap(({ promotion, index, until, rejectedAt, endedAt }): readonly PackFinding[] => {
    const over =
      endedAt !== undefined
        ? isGoing({ endedAt }, goesTo) === "overdue"
          ? `The loan ended at ${endedAt}, and the log, which goes on until ${goesTo}, does not say that what was lent was taken back.`
          : undefined
        : isOver(until)
          ? `The loan was over at ${until}, and the log, which goes on until ${goesTo}, does not say that it ended or was ratified.`
          : rejectedAt !== undefined && isOver(rejectedAt)
            ? `The loan was rejected at ${rejectedAt}, and the log, which goes on until ${goesTo}, does not say that it ended.`
            : undefined;
    return over === undefined ? [] : [{ code: "loan-invalid", path: recordPath(index), promotion, sentence: over }];
  });
}

/** Whether what was lent should have gone by then; `soon`: it may be on its way. */
function isGoing({ endedAt }: Pick<RunningLoan, "endedAt">, at: Instant | undefined): "soon" | "overdue" {
  return endedAt !== undefined && at !== undefined && at >= addSeconds(endedAt, goesWithinSeconds) ? "overdue" : "soon";
}

/** Loans that ended, and of which it is not said yet that what was lent is gone. */
export function goneUntold(loans: readonly RunningLoan[], at: Instant | undefined): readonly Unchecked[] {
  return loans.flatMap((loan) =>
    loan.endedAt === undefined || isGoing(loan, at) === "overdue"
      ? []
      : [
          {
            promotion: loan.promotion,
            sentence: `Whether what was lent until ${loan.endedAt} serves no more: the log does not say yet that it was taken back.`,
          },
        ],
  );
}

/** Loans that have one place in a budget together: more were given than it allows. */
export function recheckBudgets(loans: readonly BudgetedLoan[]): readonly PackFinding[] {
  const places = Map.groupBy(loans, ({ model, period, number }) => canonicalJson([model, period, number]));
  return [...places.values()].flatMap((same) =>
    same.slice(1).map(
      ({ promotion, index, model, period, number }): PackFinding => ({
        code: "loan-invalid",
        path: recordPath(index),
        promotion,
        sentence: `Two loans to '${model}' are both said to be number ${number} of ${period}.`,
      }),
    ),
  );
}
