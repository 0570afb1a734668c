import { inRecordedOrder } from "../../approval/approval-input.ts";
import { type CarryOver, keepInReview } from "../../approval/carry-over.ts";
import { inScopeOf } from "../../approval/delegation.ts";
import { asInReview, keptIsTold, reviewBefore } from "../../approval/earlier-review.ts";
import { excludedPeople } from "../../approval/exclusions.ts";
import { byOneOf } from "../documents/by-one-of.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import type { PeopleThen } from "../people/people-then.ts";
import type { PeopleTold } from "../people/people-told.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import type { ReviewProblem } from "./verify-review.ts";
import { whatWasSeen } from "./what-was-seen.ts";

/** What a step says is kept of the review before; `undefined` where it says nothing of it. */
export function keptTold({ record }: Pick<Step, "record">) {
  if (record.type !== "seat-reopened") return undefined;
  const body = bodyOf("seat-reopened", record);
  return "kept" in body ? body : undefined;
}

/** Whether a step sends the promotion back to its gates, into another review. */
export function beginsAnother({ record }: Pick<Step, "record">): boolean {
  return record.type === "seat-reopened" && "from" in record.body;
}

/** Sign-offs that are kept from an earlier review of the same promotion, as they count in the later one. */
export function keptInReviews(steps: readonly Step[], held: readonly HeldSignOff[]): readonly HeldSignOff[] {
  return steps.flatMap((step) =>
    (keptTold(step)?.kept ?? []).flatMap(({ signOff, ...place }): readonly HeldSignOff[] => {
      const given = held.find((each) => each.kept === undefined && each.signOff.id === signOff);
      return given === undefined ? [] : [{ ...given, signOff: { ...given.signOff, ...place }, kept: true }];
    }),
  );
}

/**
 * Derives again what is kept of each review for the next: from the sign-offs that held, and from what both reviews were
 * judged by. The directory and people.yaml may have taken more away, since falling is the safe direction; never less.
 * Where it is not told at all, nothing may have stood: before a stage asks anybody, and before the review after that.
 */
export function recheckKeptInReview(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  people: PeopleTold,
): readonly ReviewProblem[] {
  return steps.flatMap((step, place) => {
    const told = keptTold(step);
    const untold = told === undefined && restsOnItsReview(step, steps);
    if (told === undefined && !untold) return [];
    // Those of the review that it ends, not of the next.
    const requirements = beginsAnother(step) ? steps[place - 1]?.requirements : step.requirements;
    const sentences = byOneOf(people.asDecided(step), (those) => {
      const derived =
        told !== undefined && told.review !== step.before?.review
          ? []
          : [...derivation({ ...step, requirements }, steps, held, those, told)];
      return [told === undefined ? whyUntold(derived) : whyToldWrongly(told, derived)];
    });
    return sentences.flatMap((sentence) =>
      sentence === undefined ? [] : [{ code: "quorum-differs" as const, index: step.index, sentence }],
    );
  });
}

/** Whether a step takes it for granted that it was told what becomes of the review before, though nothing was. */
function restsOnItsReview(step: Step, steps: readonly Step[]): boolean {
  const { record, before } = step;
  if (before === undefined || before.review === 1 || keptIsTold(before)) return false;
  if (record.type !== "stage-opened") return beginsAnother(step);
  return (
    steps.find(({ record: { type }, after }) => type === "stage-opened" && after.review === before.review) === step
  );
}

/**
 * All that may be kept and may fall, given what was signed until then or some seconds before or after: none of it where no
 * review was before.
 */
function* derivation(
  { record, before, requirements }: Step,
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  own: PeopleThen,
  told: ReturnType<typeof keptTold>,
): Generator<CarryOver> {
  const [was, is] = before === undefined ? [] : [reviewBefore(before), asInReview(before, before.review)];
  const last = was?.promotion.review;
  const judged = steps.findLast(({ after, record: { type } }) => after.review === last && type === "gates");
  if (judged?.requirements === undefined || requirements === undefined) return;
  if (was === undefined || is === undefined || last === undefined) return;
  const { manifest, startedBy, invalidated, review } = is.promotion;
  const { members, people } = own;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: requirements.rule.excludes, members, people });
  const older = { manifest, requirements: judged.requirements, beside: was.beside };
  const newer = { manifest, requirements, beside: is.beside, review };
  const carried = held.flatMap(({ kept, signOff }) =>
    kept === true && signOff.review === last ? [{ signOff, ...signOff }] : [],
  );
  const given = inRecordedOrder(held.flatMap(({ kept, signOff }) => (kept === true ? [] : [signOff])));
  // A rejection is written together with its promotion: whatever was read of the promotion after it, it was there.
  const rejections = given.filter(({ result }) => result === "reject");
  const others = given.filter(({ result }) => result !== "reject");
  const named = new Set([...(told?.kept ?? []), ...(told?.fallen ?? [])].map(({ signOff }) => signOff));
  for (const seen of whatWasSeen(others, record.at, ({ id }) => named.has(id)))
    yield keepInReview({ ...older, promotion: { review: last, invalidated, carried } }, newer, {
      signOffs: [...rejections, ...seen],
      members,
      people,
      objectors: own.objectors,
      excluded,
      delegations: inScopeOf(own.delegations, manifest),
      entitlement: own.entitlement,
    });
}

/** What is wrong where nothing is told: something stood, whenever it was looked. */
function whyUntold(derived: readonly CarryOver[]): string | undefined {
  const stood = derived.map(({ kept, fallen }) => [...kept, ...fallen][0]?.signOff.id);
  const [first] = stood;
  return first === undefined || stood.includes(undefined)
    ? undefined
    : `Another review began, and nothing says what becomes of the sign-off ${first}.`;
}

function whyToldWrongly(
  told: NonNullable<ReturnType<typeof keptTold>>,
  derived: readonly CarryOver[],
): string | undefined {
  if (derived.length === 0) return "It keeps sign-offs of a review that there never was.";
  const sentences = derived.map((each) => differing(told, each));
  return sentences.includes(undefined) ? undefined : sentences[0];
}

function differing(told: NonNullable<ReturnType<typeof keptTold>>, { kept, fallen }: CarryOver): string | undefined {
  for (const { signOff, stage, roles, review } of told.kept) {
    const found = kept.find((each) => each.signOff.id === signOff);
    if (found === undefined) {
      const falls = fallen.find((each) => each.signOff.id === signOff);
      return falls === undefined
        ? `The sign-off ${signOff} is kept, and did not stand in the review before.`
        : `A sign-off was kept although it falls: ${falls.signOff.reviewerName} ${falls.why}.`;
    }
    const same = found.stage === stage && found.review === review;
    if (!same || roles.length === 0 || !roles.every((role) => found.roles.includes(role)))
      return `The sign-off ${signOff} is kept in another stage, review or role than it stands for.`;
  }
  const named = [...told.kept, ...told.fallen].map(({ signOff }) => signOff);
  const stood = [...kept, ...fallen].map(({ signOff }) => signOff.id);
  if (new Set(named).size !== named.length) return "Of one sign-off it says twice what becomes of it.";
  const unsaid = stood.find((id) => !named.includes(id));
  return unsaid === undefined ? undefined : `It does not say what becomes of the sign-off ${unsaid}.`;
}
