import { Command, Option } from "commander";
import { acrToAskFor } from "../../core/approval/entitlement.ts";
import { Failure } from "../../core/failure.ts";
import { conditionsText } from "../../core/promotion/release-conditions.ts";
import { summaryLines } from "../decision/decision-text.ts";
import { derivedContext } from "../decision/derived-context.ts";
import { requestedConditions } from "../decision/requested-conditions.ts";
import {
  placeFor,
  type RequestedDecision,
  requireComplete,
  requireNotBarred,
  requireNotFrozen,
  requirePossibleHere,
  rolesFor,
  statementOf,
} from "../decision/requested-decision.ts";
import { fetchPromotion, promotionIdOf } from "../fetch-promotion.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import { apiClient } from "../service/api-client.ts";
import { describedService } from "../service/service.ts";
import { sendSigned } from "../sign-in/send-signed.ts";
import { signIn } from "../sign-in/sign-in.ts";
import { requireConfirmed, signStatement } from "../sign-in/sign-statement.ts";
import { statementLines } from "../statement-text.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface SignOffOptions extends SignInSettings {
  readonly url: string;
  readonly approve?: true;
  readonly reject?: true;
  readonly withdraw?: true;
  readonly reason: string;
  readonly role: readonly string[];
  readonly inPlaceOf?: string;
  readonly condition: readonly string[];
  readonly yes: boolean;
  readonly json: boolean;
}

/** The page's own words. */
const recordedWords = {
  approve:
    "Your approval is recorded. When every seat of the stage is filled, the promotion moves on by itself; 'show' follows it.",
  reject: "Your rejection is recorded. The promotion is stopped as soon as it is counted.",
  withdraw: "Your decision is taken back. Your seat is open again until somebody signs it.",
} as const;

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
    .option(
      "--condition <condition>",
      "approve on condition that the release keeps it: for=24h with traffic=10%, errors=1% or p95=300ms; may be given several times",
      (condition: string, before: readonly string[]) => [...before, condition],
      [] as readonly string[],
    )
    .option("--in-place-of <person>", "sign for somebody who delegated a role to you: their name or subject")
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
  requireNotBarred(requested, promotion, reviewer);
  requireNotFrozen(requested, promotion);
  const stageIndex = context.stage.index;
  const place = placeFor(requested, { places: promotion.delegations, requirements, stageIndex, reviewer });
  const roles = place === undefined ? rolesFor(requested, requirements, stageIndex, session.reviewer) : [place.role];

  requirePossibleHere({ ...requested, roles }, requirements, `${options.url}/#/promotions/${promotionId}`);

  for (const line of summaryLines(promotion)) surroundings.note(line);
  const { conditions } = requested;
  if (conditions !== undefined) surroundings.note(`\nYou approve on condition that ${conditionsText(conditions)}.`);
  const statement = statementOf(
    context,
    { ...requested, roles, reviewer, ...(place === undefined ? {} : { place }) },
    { now: service.now(), random: surroundings.random(16) },
  );
  for (const line of ["", ...statementLines(statement), ""]) surroundings.note(line);
  if (!options.yes) await requireConfirmed(requested.result, session.reviewer.name, surroundings);

  const acr = requested.result === "approve" ? acrToAskFor(requirements.roles, roles) : [];
  const idToken = await signStatement(statement, session, { service, options, surroundings, acr });
  const recorded = await sendSigned(
    service.api,
    {
      path: `/v1/promotions/${promotionId}/sign-offs`,
      statement,
      idToken,
      shownBy: `countersign status ${promotionId}`,
      done: recordedWords[requested.result],
    },
    surroundings,
  );
  surroundings.print(options.json ? jsonText(recorded.body) : recorded.id);
}

function requestedDecision(options: SignOffOptions): RequestedDecision {
  const results = (["approve", "reject", "withdraw"] as const).filter((result) => options[result] === true);
  const [result] = results;
  if (result === undefined) throw new Failure("invalid-request", "Say --approve, --reject or --withdraw.");
  const { reason, role: roles, inPlaceOf } = options;
  const conditions = requestedConditions(options.condition);
  return {
    result,
    reason,
    roles,
    ...(inPlaceOf === undefined ? {} : { inPlaceOf }),
    ...(conditions === undefined ? {} : { conditions }),
  };
}
