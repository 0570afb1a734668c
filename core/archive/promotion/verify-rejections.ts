import { inRecordedOrder } from "../../approval/approval-input.ts";
import { approvalInputOf } from "../../approval/promotion-approval.ts";
import { findRejections } from "../../approval/rejections.ts";
import type { Requirements } from "../../approval/requirements.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import type { LedgerRecord } from "../../promotion/fact.ts";
import { isLent } from "../../promotion/lending.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import type { SignOff } from "../../promotion/sign-off.ts";
import { byOneOf } from "../documents/by-one-of.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import { startedOnLoan } from "../history/replay-loan.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { PeopleThen } from "../people/people-then.ts";
import type { PeopleTold } from "../people/people-told.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { beginsAnother, keptTold } from "./verify-kept-in-review.ts";
import { isOfLoan, type ReviewProblem, signOffsIn } from "./verify-review.ts";

/** So long it may take until whoever decides has heard of what was recorded (longer than any run of a function). */
const heardWithinSeconds = 900;

/**
 * A rejection that reaches its stage's number ends the promotion at once (design 6.5), whatever it is about to become:
 * lent, or reviewed anew. What a stage and a verdict rest on is judged with them (`recheckReview`).
 */
export function recheckRejections(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
): readonly ReviewProblem[] {
  if (!held.some(({ signOff }) => signOff.result === "reject")) return [];
  return steps.flatMap((step, place): readonly ReviewProblem[] => {
    const { index, before } = step;
    const requirements = steps[place - 1]?.requirements;
    const goesOn = goingOn(step);
    if (before === undefined || requirements === undefined || goesOn === undefined) return [];
    const sentences = byOneOf(people.asDecided(step), (those) => {
      const decisive = decisiveIn(before, requirements, held, those, goesOn.until);
      const [first] = decisive;
      const unasked = beginsAnother(step) && before.status === "gating";
      if (first === undefined || (unasked && isAnswered(decisive, steps.slice(place + 1)))) return [];
      return [`${goesOn.what}, although the rejection ${first.id} had ended the promotion.`];
    });
    return sentences.flatMap((sentence) =>
      sentence === undefined ? [] : [{ code: "quorum-differs" as const, index, sentence }],
    );
  });
}

/**
 * A rejection that had ended what is under review, or approved, at the end of its records: whoever decides has heard of it
 * within minutes, and of what was kept once its stage was opened.
 */
export function recheckUnended(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
): readonly ReviewProblem[] {
  const last = steps.at(-1);
  const { after, requirements } = last ?? {};
  const waits = after?.status === "in-review" || after?.status === "approved";
  if (last === undefined || after === undefined || requirements === undefined || !waits || after.verdict !== undefined)
    return [];
  if (!held.some(({ signOff }) => signOff.result === "reject")) return [];
  const decisive = people.asDecided(last).map((those) => decisiveIn(after, requirements, held, those, undefined));
  const [first] = decisive[0] ?? [];
  if (first === undefined || decisive.some((each) => each.length === 0)) return [];
  const since = [last.record.at, ...decisive.flat().map(({ recordedAt }) => recordedAt)].toSorted().at(-1);
  if (since === undefined) return [];
  const due = addSeconds(since, heardWithinSeconds);
  const sentence = `The rejection ${first.id} had ended the promotion by ${since}, and the log, which goes on beyond ${due}, does not say that it ended.`;
  return [{ code: "quorum-differs", index: last.index, sentence, open: { since, due } }];
}

/** What became of what people ask for, or leave: whoever writes it may not have heard yet that somebody stopped it. */
const otherEnds: ReadonlySet<LedgerRecord["type"]> = new Set([
  "withdrawn",
  "superseded",
  "expired",
  "failed",
  "blocked",
]);

/** That a rejection had ended what is recorded to have ended otherwise; `undefined` where none had. */
export function endedOtherwise(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
): string | undefined {
  const place = steps.findIndex(({ record }) => otherEnds.has(record.type));
  const [last, step] = [steps[place - 1], steps[place]];
  const { after: before, requirements } = last ?? {};
  const waited = before?.status === "in-review" || before?.status === "approved";
  if (step === undefined || before === undefined || requirements === undefined || !waited) return undefined;
  if (before.verdict !== undefined || !held.some(({ signOff }) => signOff.result === "reject")) return undefined;
  const { at, type } = step.record;
  const decisive = people.asDecided(step).map((those) => decisiveIn(before, requirements, held, those, at));
  const [first] = decisive[0] ?? [];
  if (first === undefined || decisive.some((each) => each.length === 0)) return undefined;
  return `The rejection ${first.id} of ${first.recordedAt} had ended it; that it is '${type}' was recorded at ${at}.`;
}

/**
 * When a loan that runs at the end of its records was rejected; `undefined` where it was not. `told`: whether people.yaml is here,
 * without which two accounts may be one person's, so that only a rejection counts that would have done alone.
 */
export function rejectedWhileLent(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
  told: boolean,
): Instant | undefined {
  const last = steps.at(-1);
  const { after, requirements } = last ?? {};
  if (last === undefined || after?.status !== "loaned" || requirements === undefined) return undefined;
  const times = people.asDecided(last).map((those) => {
    const rejections = held.filter(({ signOff }) => signOff.result === "reject");
    const ways = told
      ? [held]
      : rejections.map((one) => held.filter((each) => each === one || !rejections.includes(each)));
    return ways
      .flatMap((way) => decisiveIn(after, requirements, way, those, undefined).at(-1)?.recordedAt ?? [])
      .toSorted()
      .at(0);
  });
  return times.includes(undefined) ? undefined : times.toSorted().at(-1);
}

/** What goes on with a step that does not follow a rejection given until then: by then whoever wrote it had read that. */
function goingOn({ record, before }: Step):
  | {
      readonly what: string;
      /** Absent: whenever it was given in that review. */
      readonly until?: Instant;
    }
  | undefined {
  const read = addSeconds(record.at, -clockToleranceSeconds);
  const heard = addSeconds(record.at, -heardWithinSeconds);
  switch (record.type) {
    case "seat-reopened":
      // A rejection is written together with its promotion, so in the review that ended.
      return "from" in record.body ? { what: "Another review began" } : undefined;
    case "loan":
      return { what: "Seats were lent", until: read };
    case "verdict":
      return isOfLoan(record) && bodyOf("verdict", record).result === "PASSED"
        ? { what: "The loan's verdict is PASSED", until: read }
        : undefined;
    case "deployment-started":
      return before !== undefined && isLent(before) ? { what: "What is lent was deployed", until: heard } : undefined;
    case "loan-running":
      return { what: "What is lent served", until: heard };
    case "loan-ended":
      return { what: "What was lent ran until the loan was over", until: heard };
    case "failed":
    case "blocked":
    case "rolled-back":
      return before?.status === "loaned" && startedOnLoan(before)
        ? { what: `What was lent ran until it was recorded as '${record.type}'`, until: heard }
        : undefined;
    default:
      return undefined;
  }
}

/** The rejections that ended a promotion, of those given until an instant in the review that it is in; none where none did. */
function decisiveIn(
  promotion: Promotion,
  requirements: Requirements,
  held: readonly HeldSignOff[],
  own: PeopleThen,
  until: Instant | undefined,
): readonly SignOff[] {
  const signOffs = signOffsIn(held, promotion.review).filter(
    ({ recordedAt }) => until === undefined || recordedAt <= until,
  );
  const input = approvalInputOf(promotion, requirements, { ...own, signOffs, now: until ?? promotion.expiresAt });
  return findRejections(input, inRecordedOrder(signOffs)).decisive?.by ?? [];
}

/**
 * Whether rejections that were kept for a review in which nobody was asked stand on in the next one, by whose rules they are
 * judged then, or nobody was asked again at all.
 */
function isAnswered(rejections: readonly SignOff[], later: readonly Step[]): boolean {
  const next = later.map(keptTold).find((told) => told !== undefined);
  const kept = new Set<Sha256>(next?.kept.map(({ signOff }) => signOff));
  return rejections.every(({ id }) => kept.has(id)) || !later.some(({ record }) => record.type === "stage-opened");
}
