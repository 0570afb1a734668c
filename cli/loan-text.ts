import { lendersTold, type OpenRequest, openRequests } from "../core/approval/told-loan.ts";
import type { Instant } from "../core/encoding/instant.ts";
import { durationWords } from "../core/encoding/policy-file.ts";
import type { ShownPromotion } from "./service/answers.ts";
import { oneLine, timeText } from "./terminal-text.ts";

type Loan = NonNullable<ShownPromotion["loan"]>;
type Request = Loan["requests"][number];

/** What is lent, or who asks for it and how another confirms it; nothing where nobody does any more. */
export function loanLines({ id, loan, status, signOffContext, requirements }: ShownPromotion, now: Instant) {
  if (loan === undefined) return [];
  if (loan.given !== undefined) return status === "loaned" ? givenLines(loan, loan.given.until) : [];
  const title = (role: string) => oneLine(requirements.document.roles[role]?.title ?? role);
  const open = status === "in-review" ? openRequests(loan, signOffContext?.review, now) : [];
  return open.flatMap((each) => {
    const { request, until } = each;
    return [
      `${oneLine(request.lender)} asks for ${durationWords(request.seconds)} as ${title(request.role)}: ${oneLine(request.reason, 2000)}`,
      `  incident  ${oneLine(request.incident)}`,
      ...confirmationLines(each),
      `  another confirms it before ${timeText(until)}: countersign lend ${id} --confirm ${request.id} --reason …`,
    ];
  });
}

/** In one sentence, what a confirmation is of. */
export function requestSentence({ lender, seconds, reason, incident }: Request): string {
  return `${oneLine(lender)} asks for ${durationWords(seconds)}: ${oneLine(reason, 2000)} (${oneLine(incident)})`;
}

function confirmationLines({ confirmedBy, refused }: OpenRequest<Request>): readonly string[] {
  return [
    ...refused.map(({ by, why }) => `  ${oneLine(by)} confirmed it, and nothing was lent: ${oneLine(why)}`),
    ...(confirmedBy === undefined
      ? []
      : [`  ${oneLine(confirmedBy)} has confirmed it; everything is verified once more before it is lent.`]),
  ];
}

function givenLines(loan: Loan, until: Instant): readonly string[] {
  const lenders = lendersTold(loan);
  const by = lenders === undefined ? "" : ` by ${oneLine(lenders.first.lender)} and ${oneLine(lenders.second.lender)}`;
  const why = lenders === undefined ? [] : [`  ${requestSentence(lenders.first)}`];
  return [`Lent${by} until ${timeText(until)}, unless it is ratified before.`, ...why];
}
