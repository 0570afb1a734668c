import { loanRequestLifetimeSeconds } from "../core/approval/loan.ts";
import { addSeconds, type Instant } from "../core/encoding/instant.ts";
import { durationWords } from "../core/encoding/policy-file.ts";
import type { ShownPromotion } from "./service/answers.ts";
import { oneLine, timeText } from "./terminal-text.ts";

type Loan = NonNullable<ShownPromotion["loan"]>;
type Request = Loan["requests"][number];

/** What is lent, or who asks for it and how another confirms it; nothing where nobody does any more. */
export function loanLines({ id, loan, status, signOffContext, requirements }: ShownPromotion, now: Instant) {
  if (loan === undefined) return [];
  if (loan.given !== undefined) return status === "loaned" ? givenLines(loan, loan.given) : [];
  const title = (role: string) => oneLine(requirements.document.roles[role]?.title ?? role);
  return openRequests(loan, status, signOffContext?.review, now).flatMap((request) => [
    `${oneLine(request.lender)} asks for ${durationWords(request.seconds)} as ${title(request.role)}: ${oneLine(request.reason, 2000)}`,
    `  incident  ${oneLine(request.incident)}`,
    ...confirmationLines(request, loan),
    `  another confirms it before ${timeText(deadlineOf(request))}: countersign lend ${id} --confirm ${request.id} --reason …`,
  ]);
}

/** In one sentence, what a confirmation is of. */
export function requestSentence({ lender, seconds, reason, incident }: Request): string {
  return `${oneLine(lender)} asks for ${durationWords(seconds)}: ${oneLine(reason, 2000)} (${oneLine(incident)})`;
}

function openRequests({ requests }: Loan, status: string, review: number | undefined, now: Instant) {
  if (status !== "in-review") return [];
  return requests.filter(
    (request) =>
      request.confirms === undefined &&
      (request.review === undefined || request.review === review) &&
      now < deadlineOf(request),
  );
}

function deadlineOf({ recordedAt }: Request): Instant {
  return addSeconds(recordedAt, loanRequestLifetimeSeconds);
}

function confirmationLines({ id }: Request, { requests }: Loan): readonly string[] {
  return requests
    .filter(({ confirms }) => confirms === id)
    .map(({ lender, refused }) =>
      refused === undefined
        ? `  ${oneLine(lender)} has confirmed it; everything is verified once more before it is lent.`
        : `  ${oneLine(lender)} confirmed it, and nothing was lent: ${oneLine(refused)}`,
    );
}

function givenLines({ requests }: Loan, { at, until }: NonNullable<Loan["given"]>): readonly string[] {
  const second = requests.find(({ confirms, recordedAt }) => confirms !== undefined && recordedAt === at);
  const first = requests.find(({ id }) => id === second?.confirms);
  const by =
    first === undefined || second === undefined ? "" : ` by ${oneLine(first.lender)} and ${oneLine(second.lender)}`;
  const why = first === undefined ? [] : [`  ${requestSentence(first)}`];
  return [`Lent${by} until ${timeText(until)}, unless it is ratified before.`, ...why];
}
