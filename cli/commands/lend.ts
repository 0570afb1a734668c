import { Command, InvalidArgumentError, Option } from "commander";
import * as v from "valibot";
import { acrToAskFor, givesRole } from "../../core/approval/entitlement.ts";
import { type LoanChoice, loanStatement } from "../../core/attestation/loan-statement.ts";
import { loanTerms } from "../../core/attestation/read-loan-request.ts";
import { base64url } from "../../core/encoding/base64.ts";
import { addSeconds } from "../../core/encoding/instant.ts";
import { durationWords, list } from "../../core/encoding/policy-file.ts";
import { Failure } from "../../core/failure.ts";
import { waitsBeyond } from "../../core/promotion/traffic.ts";
import { summaryLines } from "../decision/decision-text.ts";
import { type DerivedContext, derivedContext } from "../decision/derived-context.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { requestSentence } from "../loan-text.ts";
import { durationOf, type SignInSettings, signInOptions, urlOption } from "../options.ts";
import type { ShownPromotion } from "../service/answers.ts";
import { apiClient } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { sendSigned } from "../sign-in/send-signed.ts";
import { type SignedIn, signIn } from "../sign-in/sign-in.ts";
import { requireConfirmed, signStatement } from "../sign-in/sign-statement.ts";
import { statementLines } from "../statement-text.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine } from "../terminal-text.ts";

interface LendOptions extends SignInSettings {
  readonly url: string;
  readonly for?: number;
  readonly incident?: string;
  readonly confirm?: string;
  readonly reason: string;
  readonly role?: string;
  readonly yes: boolean;
  readonly json: boolean;
}

type Wish = Pick<LoanChoice, "terms" | "reason" | "role" | "confirms">;

/** `countersign lend ID`: the seats that are missing are lent, so that the candidate runs before its quorum (break-glass). */
export function lendCommand(surroundings: Surroundings): Command {
  const command = new Command("lend")
    .description("lend the seats that are missing, for a while: ask for it, or confirm what another asked for")
    .argument("<id>", "the promotion")
    .addOption(urlOption())
    .requiredOption("--reason <text>", "why, for the record")
    .addOption(new Option("--for <duration>", "how long, such as 90m or 4h; needs an --incident").argParser(secondsOf))
    .option("--incident <address>", "the https address at which the incident is written down")
    .addOption(
      new Option("--confirm <request>", "another's request, by its id: of the same terms").conflicts([
        "for",
        "incident",
      ]),
    )
    .option("--role <role>", "the role in which you lend (default: yours, where you hold one that may)")
    .option("--yes", "do not ask for confirmation", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, options: LendOptions) => lend(id, options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function lend(id: string, options: LendOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  if (options.reason.trim() === "") throw new Failure("reason-required", "A loan needs a --reason, for the record.");
  const asked = askedFor(options);
  const service = await describedService(apiClient(options.url), surroundings);
  const session = await signIn(service, { kind: "reading" }, options, surroundings);
  const { promotion } = await fetchPromotion(service.api, promotionId, session.idToken);
  if (promotion.status !== "in-review")
    throw new Failure("not-in-review", `The promotion is ${promotion.status}; seats are lent while a stage is open.`);
  if (promotion.nothingLent !== undefined) throw new Failure("loan-refused", oneLine(promotion.nothingLent));
  const derived = derivedContext(promotionId, promotion, service.settings.attestationBase);
  const { stage: _, ...context } = derived.context;
  const wish = wishOf(asked, options, promotion, derived.requirements, session);
  for (const line of summaryLines(promotion)) surroundings.note(line);
  const confirmed = promotion.loan?.requests.find((each) => each.id === wish.confirms?.sha256);
  if (confirmed !== undefined) surroundings.note(`\nYou confirm a loan. ${requestSentence(confirmed)}`);
  const issuedAt = service.now();
  const statement = loanStatement(context, {
    ...wish,
    lender: session.reviewer.identity,
    salt: base64url(surroundings.random(16)),
    issuedAt,
    expiresAt: addSeconds(issuedAt, 600),
  });
  for (const line of ["", ...statementLines(statement), ""]) surroundings.note(line);
  surroundings.note(`It would run for ${durationWords(wish.terms.seconds)} without the signatures that are missing.`);
  const waits = waitsBeyond(statement.predicate.target.traffic, wish.terms.seconds);
  if (waits !== undefined)
    surroundings.note(
      `Where something serves there already, traffic comes over for ${durationWords(waits)}: so short a loan is over before that, and it is taken back on its way.`,
    );
  if (!options.yes) await requireConfirmed("lend", session.reviewer.name, surroundings);
  const acr = acrToAskFor(derived.requirements.roles, [wish.role]);
  const idToken = await signStatement(statement, session, { service, options, surroundings, acr });
  const recorded = await sendSigned(
    service.api,
    {
      path: `/v1/promotions/${promotionId}/loan`,
      statement,
      idToken,
      shownBy: `countersign status ${promotionId}`,
      done:
        wish.confirms === undefined
          ? "Your request is recorded. Nothing runs before somebody else confirms it; 'show' says how."
          : "Your confirmation is recorded. The candidate is released on loan as soon as it is counted.",
    },
    surroundings,
  );
  surroundings.print(options.json ? jsonText(recorded.body) : recorded.id);
}

/** Terms of one's own, or a request to confirm. Throws `invalid-request` for neither, before anybody signs in. */
function askedFor(options: LendOptions): Pick<Wish, "terms"> | { readonly confirm: string } {
  if (options.confirm !== undefined) return { confirm: options.confirm };
  if (options.for !== undefined && options.incident !== undefined) {
    const terms = { seconds: options.for, incident: options.incident };
    // The service would say so once the loan is signed, and nobody has time to sign in twice for nothing.
    if (v.is(loanTerms, terms)) return { terms };
    throw new Failure(
      "invalid-request",
      "--incident must be the https address at which the incident is written down, such as https://incidents.example.org/417.",
    );
  }
  throw new Failure("invalid-request", "Say how long with --for, and for which --incident; or --confirm a request.");
}

/** What is asked for, or confirmed: the terms of a confirmation are those of the request, as it is shown. */
function wishOf(
  asked: ReturnType<typeof askedFor>,
  options: LendOptions,
  { loan, signOffContext }: ShownPromotion,
  { rule, roles }: DerivedContext["requirements"],
  { reviewer }: SignedIn,
): Wish {
  const { reason } = options;
  if (rule.loan === undefined) {
    const place = `'${oneLine(rule.modelType)}' in '${oneLine(rule.target)}'`;
    throw new Failure("loan-refused", `The approval matrix lends nothing to ${place}.`);
  }
  const held = rule.loan.roles.filter((role) => givesRole(roles, role, reviewer));
  const role = options.role ?? (held.length === 1 ? held[0] : undefined);
  if (role === undefined)
    throw new Failure(
      "not-entitled",
      held.length === 0 ? "You hold no role that may lend here." : `Say in which role with --role: ${list(held)}.`,
    );
  if ("terms" in asked) {
    const most = rule.loan.maximumSeconds;
    if (asked.terms.seconds <= most) return { ...asked, reason, role };
    throw new Failure("invalid-request", `A loan lasts ${durationWords(most)} at most; say less with --for.`);
  }
  const request = loan?.requests.find(({ id, confirms }) => id === asked.confirm && confirms === undefined);
  if (request === undefined) throw new Failure("not-found", "Nobody made such a request for this promotion.");
  if (request.review !== undefined && request.review !== signOffContext?.review)
    throw new Failure("loan-refused", "That request is of an earlier review: ask again, or have it asked for again.");
  const { id: sha256, seconds, incident } = request;
  return { terms: { seconds, incident }, reason, role, confirms: { sha256 } };
}

function secondsOf(text: string): number {
  const seconds = durationOf(text) / 1000;
  if (Number.isInteger(seconds) && seconds >= 1) return seconds;
  throw new InvalidArgumentError("Give a duration such as 90m or 4h.");
}
