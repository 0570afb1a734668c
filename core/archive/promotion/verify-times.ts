import type { ApprovalRule } from "../../approval/matrix.ts";
import { lastMoment, nextStage, openStageOf, stageDeadline } from "../../approval/promotion-approval.ts";
import { addSeconds, type Instant } from "../../encoding/instant.ts";
import { hasEnded } from "../../promotion/life-cycle.ts";
import type { Promotion } from "../../promotion/promotion.ts";
import { bodyOf } from "../documents/fact-bodies.ts";
import type { Step } from "../history/replay-promotion.ts";
import { clockToleranceSeconds } from "../pack/on-its-way.ts";
import type { HeldSignOff } from "../people/verify-sign-offs.ts";
import { isOfLoan, type ReviewProblem } from "./verify-review.ts";
import { recheckOrder, signedTooEarly } from "./verify-signed-at.ts";

/** Times that must follow each other: opening, sign-off, decision, verdict, deployment, expiry. */
export function recheckTimes(steps: readonly Step[], held: readonly HeldSignOff[]): readonly ReviewProblem[] {
  // Of all that came before: a few seconds for each of a hundred records would be as many minutes.
  let latest: Step["record"] | undefined;
  const index = steps[0]?.index ?? 0;
  return [
    ...held.flatMap((each) => {
      const { signOff, kept } = each;
      // When it was given is told by the earlier candidate's records; how old it may be was asked as it was kept.
      const sentence = kept === true ? undefined : signOffOutOfTime(each, steps);
      return sentence === undefined ? [] : [{ code: "order" as const, index, sentence: `${sentence} (${signOff.id})` }];
    }),
    ...recheckOrder(held).map((sentence) => ({ code: "order" as const, index, sentence })),
    ...steps.flatMap((step) => {
      const sentence = stepOutOfTime(step, latest);
      if (latest === undefined || step.record.at > latest.at) latest = step.record;
      return sentence === undefined ? [] : [{ code: "order" as const, index: step.index, sentence }];
    }),
  ];
}

/** A seat may be lost, and its stage opened again, within a second of the sign-off that completed it: it is in time by either opening. */
function signOffOutOfTime(each: HeldSignOff, steps: readonly Step[]): string | undefined {
  const { recordedAt: at, review, stage } = each.signOff;
  const openings = steps.filter(
    ({ record, after }) =>
      record.type === "stage-opened" &&
      after.review === review &&
      after.stage?.index === stage &&
      !isAfter(record.at, at),
  );
  if (openings.length === 0) return "A sign-off was recorded before its stage was opened";
  const last = openings.findLastIndex(({ record }) => later(record.at) <= at);
  const sentences = openings.slice(Math.max(last, 0)).map((opened) => outOfTimeOf(each, opened, steps));
  return sentences.includes(undefined) ? undefined : sentences.at(-1);
}

/** Seats that open again, and a freeze window that holds up what is approved. */
function takesVerdictAway({ record, after }: Step): boolean {
  if (record.type === "seat-reopened") return true;
  return record.type === "held" && after.status === "approved" && bodyOf("held", record).until !== undefined;
}

/** Why a sign-off is not in time, if its stage was open since then. */
function outOfTimeOf(each: HeldSignOff, opened: Step, steps: readonly Step[]): string | undefined {
  const { signOff } = each;
  const { recordedAt: at, result } = signOff;
  const early = signedTooEarly(each, opened, steps);
  if (early !== undefined) return early;
  // From then on it may be rejected again, whether a stage is opened or not.
  const stands = steps.some(
    ({ record, index }) =>
      record.type === "verdict" &&
      !isOfLoan(record) &&
      index > opened.index &&
      isAfter(at, record.at) &&
      !steps.some((taken) => taken.index > index && takesVerdictAway(taken) && !isAfter(taken.record.at, at)),
  );
  if (stands) return "A sign-off was recorded after the verdict";
  // A loan gives the review another end: its own.
  const lent = steps.find(({ record, index }) => record.type === "loan" && index > opened.index)?.after;
  if (isOver((lent ?? opened.after).expiresAt, at)) return "A sign-off was recorded after the promotion had expired";
  const ended = steps.find(({ after }) => hasEnded(after.status));
  if (ended !== undefined && isAfter(at, ended.record.at))
    return "A sign-off was recorded after the promotion had ended";
  if (result === "reject") return undefined;
  const over = steps.find(
    ({ record, index }) => index > opened.index && record.type === "seat-reopened" && "from" in record.body,
  );
  if (over !== undefined && isAfter(at, over.record.at)) return "A sign-off was recorded after its review was over";
  const { stage } = opened.after;
  if (stage === undefined) return undefined;
  if (isOver(lent?.loan?.until ?? stage.deadline, at)) return "A sign-off was recorded after its stage was over";
  const decided = steps.find(
    ({ record, index }) =>
      record.type === "stage-decided" && index > opened.index && record.body["stage"] === signOff.stage,
  );
  if (decided !== undefined && isAfter(at, decided.record.at))
    return "A sign-off was recorded after its stage was decided";
  const minimum = opened.requirements?.rule.stages[stage.index]?.minimumReviewSeconds ?? 0;
  if (result === "approve" && isAfter(addSeconds(stage.openedAt, minimum), at)) {
    return `A sign-off was recorded before the ${minimum} seconds that its stage takes for review`;
  }
  return undefined;
}

/** In logs of before a stage was over when the machine had waited for it, which began before the stage was open. */
const earliestEndSeconds = 900;

/** Until when something could still be decided: in the open stage, or once the next one is opened, which people wait for. */
function hasTimeUntil(promotion: Promotion, rule: ApprovalRule | undefined): Instant {
  const open = openStageOf(promotion);
  const last = promotion.history.at(-1);
  if (open !== undefined || rule === undefined || last === undefined) return open?.deadline ?? promotion.expiresAt;
  const next = nextStage(rule, promotion);
  return next === undefined ? promotion.expiresAt : stageDeadline(next.stage, promotion, last.at);
}

function stepOutOfTime(
  { record, before, requirements }: Step,
  earlier: Step["record"] | undefined,
): string | undefined {
  if (before === undefined) return undefined;
  if (earlier !== undefined && isAfter(earlier.at, record.at)) {
    return `'${record.id}' says ${record.at}, which is before '${earlier.id}', which it follows.`;
  }
  switch (record.type) {
    case "stage-opened": {
      const { stage: index, deadline } = bodyOf("stage-opened", record);
      const stage = requirements?.rule.stages[index];
      const latest = stage === undefined ? before.expiresAt : stageDeadline(stage, before, record.at);
      if (deadline === latest) return undefined;
      return `The stage '${stage?.name ?? index}' was given ${deadline > latest ? "more" : "less"} time than its rule has.`;
    }
    case "expired": {
      // Before its gates nobody was asked, nor waited for.
      if (before.gates === undefined) return undefined;
      const until = hasTimeUntil(before, requirements?.rule);
      return addSeconds(record.at, earliestEndSeconds) >= until
        ? undefined
        : `It is recorded as expired, and had time until ${until}.`;
    }
    // When a stage was decided matters to nobody: its sign-offs must have come in time, and each is checked for that.
    case "verdict":
      return bodyOf("verdict", record).result === "PASSED" &&
        !isOfLoan(record) &&
        record.at >= later(lastMoment(before))
        ? "The verdict is PASSED, but the promotion had expired."
        : undefined;
    default:
      return undefined;
  }
}

/** Whether an instant was surely after another, whoever's clocks tell of them. Reckoned only where it is not so by these. */
function isAfter(at: Instant, other: Instant): boolean {
  return at > other && at > later(other);
}

/** Whether a time was surely over at an instant: its end is not in it. */
function isOver(end: Instant, at: Instant): boolean {
  return at > end && at >= later(end);
}

function later(at: Instant): Instant {
  return addSeconds(at, clockToleranceSeconds);
}
