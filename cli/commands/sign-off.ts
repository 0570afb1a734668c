import { Command, Option } from "commander";
import { challengeOf, type SignOffStatement } from "../../core/attestation/sign-off-statement.ts";
import { Failure } from "../../core/failure.ts";
import { sameIdentity } from "../../core/promotion/identity.ts";
import { statementLines, summaryLines } from "../decision/decision-text.ts";
import { derivedContext } from "../decision/derived-context.ts";
import {
  type RequestedDecision,
  requireComplete,
  requirePossibleHere,
  rolesFor,
  statementOf,
} from "../decision/requested-decision.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import { answers, readAnswer } from "../service/answers.ts";
import { apiClient, bodyOf } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { signIn } from "../sign-in/sign-in.ts";
import type { Surroundings } from "../surroundings.ts";
import { oneLine } from "../terminal-text.ts";

interface SignOffOptions extends SignInSettings {
  readonly url: string;
  readonly approve?: true;
  readonly reject?: true;
  readonly withdraw?: true;
  readonly reason: string;
  readonly role: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
}

/** `countersign sign-off ID`: the ceremony of design 3.3 from the terminal. */
export function signOffCommand(surroundings: Surroundings): Command {
  const command = new Command("sign-off")
    .description("approve or reject a promotion, or withdraw your decision; your identity provider signs it")
    .argument("<id>", "the promotion")
    .addOption(urlOption())
    .addOption(new Option("--approve", "it may run").conflicts(["reject", "withdraw"]))
    .addOption(new Option("--reject", "it must not run; needs a --reason").conflicts(["approve", "withdraw"]))
    .addOption(new Option("--withdraw", "take your decision in the open stage back").conflicts(["approve", "reject"]))
    .option("--reason <text>", "why, for the record", "")
    .option(
      "--role <role>",
      "a role in which you sign; may be given several times (default: all that you hold and the stage asks for)",
      (role: string, before: readonly string[]) => [...before, role],
      [] as readonly string[],
    )
    .option("--yes", "do not ask for confirmation", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, options: SignOffOptions) => signOff(id, options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function signOff(id: string, options: SignOffOptions, surroundings: Surroundings): Promise<void> {
  const promotionId = promotionIdOf(id);
  const requested = requestedDecision(options);
  requireComplete(requested);
  const service = await describedService(apiClient(options.url), surroundings);
  const session = await signIn(service, { kind: "reading" }, options, surroundings);
  const { promotion } = await fetchPromotion(service.api, promotionId, session.idToken);
  const { context, requirements } = derivedContext(promotionId, promotion, service.settings.attestationBase);
  const { identity: reviewer } = session.reviewer;
  const roles = rolesFor(requested, requirements, context.stage.index, session.reviewer);

  requirePossibleHere({ ...requested, roles }, requirements, `${options.url}/#/promotions/${promotionId}`);

  for (const line of summaryLines(promotion)) surroundings.note(line);
  const statement = statementOf(
    context,
    { ...requested, roles, reviewer },
    { now: service.now(), random: surroundings.random(16) },
  );
  for (const line of ["", ...statementLines(statement), ""]) surroundings.note(line);
  if (!options.yes) await requireConfirmed(requested, session.reviewer.name, surroundings);

  const idToken = await signedDecision(statement);
  const body = bodyOf(
    await service.api.post(`/v1/promotions/${promotionId}/sign-offs`, { statement, idToken }, idToken),
  );
  const recorded = readAnswer(answers.recorded, body);
  surroundings.print(options.json ? JSON.stringify(body) : recorded.id);

  /** The identity provider's signature over this very decision, by the person who read it. */
  async function signedDecision(decision: SignOffStatement): Promise<string> {
    const purpose = {
      kind: "decision",
      challenge: challengeOf(decision),
      issuedAt: decision.predicate.issuedAt,
      ...(session.loginHint === undefined ? {} : { loginHint: session.loginHint }),
    } as const;
    const signed = await signIn(service, purpose, options, surroundings);
    if (!sameIdentity(signed.reviewer.identity, reviewer)) {
      throw new Failure(
        "statement-mismatch",
        "Somebody else signed in than the one who read the promotion; nothing was sent.",
      );
    }
    return signed.idToken;
  }
}

function requestedDecision(options: SignOffOptions): RequestedDecision {
  const results = (["approve", "reject", "withdraw"] as const).filter((result) => options[result] === true);
  const [result] = results;
  if (result === undefined) throw new Failure("invalid-request", "Say --approve, --reject or --withdraw.");
  return { result, reason: options.reason, roles: options.role };
}

async function requireConfirmed({ result }: RequestedDecision, name: string, { ask }: Surroundings): Promise<void> {
  const answer = await ask(`${oneLine(name)}, type '${result}' to go on: `);
  if (answer === undefined) {
    throw new Failure("invalid-request", "Nobody is at the terminal to confirm; give --yes if that is meant.");
  }
  if (answer.trim().toLowerCase() !== result)
    throw new Failure("invalid-request", "Not confirmed; nothing was signed.");
}
