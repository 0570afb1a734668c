import { inRecordedOrder } from "../approval/approval-input.ts";
import { type CarryOver, keepInReview } from "../approval/carry-over.ts";
import { inScopeOf } from "../approval/delegation.ts";
import { asInReview } from "../approval/earlier-review.ts";
import { excludedPeople } from "../approval/exclusions.ts";
import { addSeconds } from "../encoding/instant.ts";
import { bodyOf } from "./fact-bodies.ts";
import type { PeopleThen } from "./people-then.ts";
import type { Step } from "./replay-promotion.ts";
import { clockToleranceSeconds, type ReviewProblem } from "./verify-review.ts";
import type { HeldSignOff } from "./verify-sign-offs.ts";

/** What a step says is kept of the review before; `undefined` where it says nothing of it. */
export function keptTold({ record }: Pick<Step, "record">) {
  if (record.type !== "seat-reopened") return undefined;
  const body = bodyOf("seat-reopened", record);
  return "kept" in body ? body : undefined;
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
 */
export function recheckKeptInReview(
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  own: PeopleThen,
): readonly ReviewProblem[] {
  return steps.flatMap((step) => {
    const told = keptTold(step);
    if (told === undefined) return [];
    const sentence = wrong(step, told, steps, held, own);
    return sentence === undefined ? [] : [{ code: "quorum-differs" as const, index: step.index, sentence }];
  });
}

function wrong(
  { record, before, requirements }: Step,
  told: NonNullable<ReturnType<typeof keptTold>>,
  steps: readonly Step[],
  held: readonly HeldSignOff[],
  own: PeopleThen,
): string | undefined {
  const last = told.review - 1;
  const judged = steps.findLast(({ after, record: { type } }) => after.review === last && type === "gates");
  const [was, is] = before === undefined ? [] : [asInReview(before, last), asInReview(before, told.review)];
  if (judged?.requirements === undefined || requirements === undefined || was === undefined || is === undefined)
    return "It keeps sign-offs of a review that there never was.";
  const { manifest, startedBy } = is.promotion;
  const { members, people } = own;
  const { excluded } = excludedPeople({ manifest, startedBy, duties: requirements.rule.excludes, members, people });
  const older = { manifest, requirements: judged.requirements, beside: was.beside };
  const newer = { manifest, requirements, beside: is.beside, review: told.review };
  const carried = held.flatMap(({ kept, signOff }) =>
    kept === true && signOff.review === last ? [{ signOff, ...signOff }] : [],
  );
  const given = inRecordedOrder(held.flatMap(({ kept, signOff }) => (kept === true ? [] : [signOff])));
  const within = (seconds: number) =>
    given.filter(({ recordedAt }) => recordedAt <= addSeconds(record.at, seconds)).length;
  let first: string | undefined;
  // What was signed in the last seconds may or may not have been seen.
  for (let count = within(clockToleranceSeconds); count >= within(-clockToleranceSeconds); count -= 1) {
    const derived = keepInReview(
      { ...older, promotion: { review: last, invalidated: is.promotion.invalidated, carried } },
      newer,
      {
        signOffs: given.slice(0, count),
        members,
        people,
        excluded,
        delegations: inScopeOf(own.delegations, manifest),
        entitlement: own.entitlement,
      },
    );
    const sentence = differing(told, derived);
    if (sentence === undefined) return undefined;
    first ??= sentence;
  }
  return first;
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
