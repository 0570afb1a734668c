import { Command } from "commander";
import { delegationLine } from "../delegation/delegation-text.ts";
import { plannerAt } from "../delegation/plans.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText, oneLine, timeText } from "../terminal-text.ts";

interface DelegationsOptions extends SignInSettings {
  readonly url: string;
  readonly all: boolean;
  readonly json: boolean;
}

/** `countersign delegations`: those that a person gave and was given, and until when they are away. */
export function delegationsCommand(surroundings: Surroundings): Command {
  const command = new Command("delegations")
    .description("list the delegations that you gave and were given, and until when you are away")
    .addOption(urlOption())
    .option("--all", "those that are over or revoked as well", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((options: DelegationsOptions) => delegations(options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function delegations(options: DelegationsOptions, surroundings: Surroundings): Promise<void> {
  const { service, session, plans, body } = await plannerAt(options, surroundings);
  if (options.json) return surroundings.print(jsonText(body));
  const { identity, name } = session.reviewer;
  const now = service.now();
  if (plans.absentUntil !== undefined) surroundings.note(`You are away until ${timeText(plans.absentUntil)}.`);
  const shown = plans.delegations.filter(
    ({ revokedAt, delegation }) => options.all || (revokedAt === undefined && now < delegation.until),
  );
  for (const each of shown) surroundings.print(delegationLine(each, identity, now));
  if (shown.length === 0)
    surroundings.note(`Nobody signs in the place of ${oneLine(name)}, and ${oneLine(name)} signs in nobody's.`);
}
