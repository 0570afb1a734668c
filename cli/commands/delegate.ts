import { Command } from "commander";
import { sameIdentity } from "../../core/promotion/identity.ts";
import { momentOf } from "../delegation/moment.ts";
import { plannerAt } from "../delegation/plans.ts";
import { recordDeed } from "../delegation/record-deed.ts";
import { delegationOf, type RequestedDelegation, requireDelegableHere } from "../delegation/requested-delegation.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import type { Surroundings } from "../surroundings.ts";

interface DelegateOptions extends SignInSettings, RequestedDelegation {
  readonly url: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `countersign delegate`: somebody signs in your place for a time; your identity provider signs that you let them. */
export function delegateCommand(surroundings: Surroundings): Command {
  const command = new Command("delegate")
    .description("let somebody sign in your place for a time; your identity provider signs it")
    .addOption(urlOption())
    .requiredOption("--to <person>", "their name as it is known here, or their subject at the identity provider")
    .requiredOption(
      "--until <time>",
      "excluding that time: a day, a time with its zone, or a duration such as 5d",
      momentOf,
    )
    .option("--from <time>", "the same, from now on (default: now)", momentOf)
    .option("--role <role>", "the role in which they sign (default: yours, where you hold one)")
    .option("--model <name>", "for this model only")
    .option("--model-type <type>", "for models of this type only")
    .option("--target <name>", "for this target only")
    .option("--reason <text>", "why, for the record", "")
    .option("--yes", "do not ask for confirmation", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((options: DelegateOptions) => delegate(options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function delegate(options: DelegateOptions, surroundings: Surroundings): Promise<void> {
  const planner = await plannerAt(options, surroundings);
  const delegation = delegationOf(options, planner.plans, {
    delegator: planner.session.reviewer.identity,
    now: planner.service.now(),
    random: surroundings.random(16),
  });
  requireDelegableHere(delegation, planner.plans, `${options.url}/#/absence`);
  const { people } = planner.plans;
  const delegateName = people.find(({ identity }) => sameIdentity(identity, delegation.delegate))?.name ?? options.to;
  const names = { delegatorName: planner.session.reviewer.name, delegateName };
  await recordDeed({ deed: "delegate", delegation, ...names }, planner, options, surroundings);
}
