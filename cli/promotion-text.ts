import { renderExplanation } from "../core/approval/render-explanation.ts";
import type { Instant } from "../core/encoding/instant.ts";
import { changesPolicies } from "../core/policy/change-words.ts";
import { hasEnded, isOpen } from "../core/promotion/life-cycle.ts";
import { nextStep } from "../core/promotion/next-step.ts";
import { loanLines } from "./loan-text.ts";
import type { AskedQuestions, ListedPromotion, ShownPromotion } from "./service/answers.ts";
import { oneLine, timeText } from "./terminal-text.ts";

/** Where a promotion stands, in one sentence; two promotions with the same sentence stand at the same place. */
export function standingSentence(
  promotion: Pick<ListedPromotion, "status" | "model" | "reason" | "stage"> &
    Partial<Pick<ShownPromotion, "timeline" | "loan" | "changeFreeze">>,
): string {
  const reason = promotion.reason === undefined ? "" : `: ${oneLine(promotion.reason)}`;
  const ofPolicies = changesPolicies(promotion.model);
  switch (promotion.status) {
    case "gating":
      return "The candidate is being frozen and the gates are evaluated.";
    case "shadowing":
      return "The candidate runs in shadow.";
    case "in-review":
      return promotion.stage?.open === true
        ? `In review: the stage '${oneLine(promotion.stage.name)}' is open until ${timeText(promotion.stage.deadline)}.${frozenText(promotion.changeFreeze)}`
        : "In review: the next stage is about to open.";
    case "approved":
      return approvedSentence(promotion, ofPolicies);
    case "deploying":
      return ofPolicies ? "Verified; the policies are being put in force." : "Verified; the deployment is under way.";
    case "deployed":
      return ofPolicies ? "Put in force." : "Deployed.";
    case "blocked":
      return `Blocked${reason}`;
    case "rejected":
      return `Rejected${reason}`;
    case "expired":
      return `Expired${reason}`;
    case "withdrawn":
      return `Withdrawn${reason}`;
    case "superseded":
      return `Superseded by a newer candidate${reason}`;
    case "rolled-back":
      return `Rolled back${reason}`;
    case "failed":
      return `Failed${reason}`;
    case "loaned":
      return promotion.loan?.given === undefined
        ? `Runs on loan until it is ratified or taken back${reason}`
        : `Runs on loan until ${timeText(promotion.loan.given.until)}, and is taken back then unless it is ratified${reason}`;
    case "restricted":
      return `Restricted after its deployment${reason}`;
    default:
      return promotion.status satisfies never;
  }
}

function frozenText(freeze: ShownPromotion["changeFreeze"]): string {
  if (freeze === undefined) return "";
  return ` Changes are frozen ('${oneLine(freeze.window)}'): nothing is approved before ${timeText(freeze.until)}.`;
}

/** For what an approved promotion waits, in the service's words, until what it waited for is told to be there. */
function approvedSentence({ timeline = [] }: Partial<Pick<ShownPromotion, "timeline">>, ofPolicies: boolean): string {
  const last = timeline.findLast(({ type }) => ["held", "plan-reported", "stage-decided"].includes(type));
  if (last?.type === "held") return `Approved. ${oneLine(last.summary, 500)}`;
  return `Approved; the sign-offs are verified again before ${ofPolicies ? "the policies are put in force" : "the deployment"}.`;
}

/** What to do about how it ended, where there is something to do. */
export function nextStepLines({ status, model }: Pick<ListedPromotion, "status" | "model">): readonly string[] {
  const next = nextStep(status, changesPolicies(model));
  return next === undefined ? [] : [next];
}

/** What stands above everything about a promotion. */
export function headingLines(promotion: ListedPromotion & { readonly drift?: string }): readonly string[] {
  const { model } = promotion;
  return [
    `${oneLine(model.name)} ${oneLine(model.version)} (${oneLine(model.type)}) for ${oneLine(promotion.target)}`,
    `promotion      ${promotion.id}`,
    `freeze digest  ${promotion.freezeDigest}`,
    `submitted      ${timeText(promotion.submittedAt)}${isOpen(promotion.status) ? `, expires ${timeText(promotion.expiresAt)}` : ""}`,
    standingSentence(promotion),
    ...nextStepLines(promotion),
    ...(promotion.supersededBy === undefined ? [] : [`superseded by  ${promotion.supersededBy}`]),
    ...(promotion.reapproval === undefined ? [] : [`approve again  ${promotion.reapproval}`]),
    ...(promotion.reapproves === undefined ? [] : [`drifted        ${promotion.reapproves}`]),
    ...(promotion.drift === undefined ? [] : [oneLine(promotion.drift, 1000)]),
  ];
}

/**
 * Each gate with its sentence, failed and missing ones first as in the report; `~` is a rule on trial. Those that pass are a
 * number beside those that do not, unless `all` are asked for.
 */
function gateLines({ gates }: Pick<ShownPromotion, "gates">, all = true): readonly string[] {
  if (gates === undefined) return ["The gates have not been evaluated."];
  const { findings } = gates.report;
  const told = all ? findings : findings.filter(({ status }) => status !== "passed");
  const folded = findings.length - told.length;
  if (folded > 0 && told.length === 0) return gateLines({ gates });
  const marks: Readonly<Record<string, string>> = { passed: "✔", failed: "✖", missing: "?" };
  const lines = told.map(({ status, sentence, dryRunUntil }) => {
    const mark = dryRunUntil !== undefined && status !== "passed" ? "~" : (marks[status] ?? "?");
    return `${mark} ${oneLine(sentence)}`;
  });
  return folded === 0 ? lines : [...lines, `✔ ${folded} more ${folded === 1 ? "passes" : "pass"} (--all shows them)`];
}

/** Who signed and who still could; once it is over, who signed. */
function approvalLines({ explanation, stage, status }: ShownPromotion): readonly string[] {
  const over = hasEnded(status);
  // Whoever was asked nothing may have rejected it all the same.
  if (over && stage === undefined && explanation.status !== "rejected") return ["Nobody was asked to sign."];
  return renderExplanation(explanation, over).split("\n");
}

/** Of a change of the policies, what it changes, as everybody signs it; of a candidate nothing. */
export function policyChangeLines({ summary }: Pick<ShownPromotion, "summary">): readonly string[] {
  const changes = summary?.document.policyChanges;
  if (changes === undefined) return [];
  const { sentences, more } = changes;
  return [
    "",
    "What changes in the policies",
    ...sentences.map((sentence) => indented(oneLine(sentence, 2000))),
    ...(more === 0 ? [] : [indented(`and ${more} more lines: policy-check.json in the audit pack has all of them.`)]),
  ];
}

/** What was asked, with the answers; nothing where nobody asked. */
function questionLines({ questions }: Pick<ShownPromotion, "questions">): readonly string[] {
  if (questions.length === 0) return [];
  const lines = questions.flatMap(({ id, by, text, answer }) => [
    indented(`${oneLine(id)}  ${oneLine(by)} asks: ${oneLine(text, 2000)}`),
    indented(
      indented(
        answer === undefined ? "Not answered yet." : `${oneLine(answer.by)} answers: ${oneLine(answer.text, 2000)}`,
      ),
    ),
  ]);
  return ["", "Questions", ...lines];
}

/** The whole promotion for a terminal, at an instant. `all`: with each gate that passes beside those that do not. */
export function promotionLines(promotion: ShownPromotion, now: Instant, all = false): readonly string[] {
  const loan = loanLines(promotion, now);
  return [
    ...headingLines(promotion),
    ...policyChangeLines(promotion),
    ...(loan.length === 0 ? [] : ["", "Loan", ...loan.map(indented)]),
    "",
    "Approval",
    ...approvalLines(promotion).map(indented),
    "",
    "Gates",
    ...gateLines(promotion, all).map(indented),
    ...questionLines(promotion),
    "",
    "What happened",
    ...olderLines(promotion.older).map(indented),
    ...promotion.timeline.map(({ at, summary }) => indented(`${timeText(at)}  ${oneLine(summary)}`)),
  ];
}

/** How a promotion stands, and what is asked, for whoever had a hand in the candidate and is shown no more of it. */
export function askedLines(asked: AskedQuestions): readonly string[] {
  const { model, target, promotion, status, questions } = asked;
  return [
    `${oneLine(model.name)} ${oneLine(model.version)} (${oneLine(model.type)}) for ${oneLine(target)}`,
    `promotion      ${promotion}`,
    // Which stage is open is for those who review.
    status === "in-review" ? "In review." : standingSentence(asked),
    ...nextStepLines(asked),
    "You had a hand in this candidate. The review itself is shown to those who hold a role in one.",
    ...(questions.length === 0 ? ["", "Nobody has asked anything."] : questionLines(asked)),
  ];
}

function olderLines(older: ShownPromotion["older"]): readonly string[] {
  if (older === undefined) return [];
  const { letters, drift, outcomes, more } = older;
  return [
    `Not shown: ${letters} older messages, ${drift} reports of drift, ${more === true ? "more than " : ""}${outcomes} older outcomes.`,
  ];
}

function indented(line: string): string {
  return `  ${line}`;
}
