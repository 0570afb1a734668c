import { Command } from "commander";
import { Failure } from "../../core/failure.ts";
import { namedDelegation, plannerAt } from "../delegation/plans.ts";
import { recordDeed } from "../delegation/record-deed.ts";
import { type SignInSettings, signInOptions, urlOption } from "../options.ts";
import type { Surroundings } from "../surroundings.ts";

interface RevokeOptions extends SignInSettings {
  readonly url: string;
  readonly yes: boolean;
  readonly json: boolean;
}

/** `countersign revoke-delegation ID`: for either of the two whom it is about. */
export function revokeDelegationCommand(surroundings: Surroundings): Command {
  const command = new Command("revoke-delegation")
    .description("end a delegation that you gave or were given; what was signed under it stands")
    .argument("<id>", "the delegation, or how its id begins; 'delegations' lists them")
    .addOption(urlOption())
    .option("--yes", "do not ask for confirmation", false)
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((id: string, options: RevokeOptions) => revoke(id, options, surroundings));
  for (const option of signInOptions()) command.addOption(option);
  return command;
}

async function revoke(id: string, options: RevokeOptions, surroundings: Surroundings): Promise<void> {
  const planner = await plannerAt(options, surroundings);
  const { delegation, delegatorName, delegateName, revokedAt } = namedDelegation(planner.plans, id);
  if (revokedAt !== undefined) throw new Failure("already-decided", "The delegation was revoked before.");
  await recordDeed({ deed: "revoke", delegation, delegatorName, delegateName }, planner, options, surroundings);
}
