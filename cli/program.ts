import { readFileSync } from "node:fs";
import { Command, Help, type Option } from "commander";
import { absenceCommand } from "./commands/absence.ts";
import { answerCommand } from "./commands/answer.ts";
import { askCommand } from "./commands/ask.ts";
import { delegateCommand } from "./commands/delegate.ts";
import { delegationsCommand } from "./commands/delegations.ts";
import { exportCommand } from "./commands/export.ts";
import { inboxCommand } from "./commands/inbox.ts";
import { learnCommand } from "./commands/learn.ts";
import { lendCommand } from "./commands/lend.ts";
import { listCommand } from "./commands/list.ts";
import { passportCommand } from "./commands/passport.ts";
import { planCommand } from "./commands/plan.ts";
import { policyCommand } from "./commands/policy.ts";
import { redriveCommand } from "./commands/redrive.ts";
import { reportDeploymentCommand } from "./commands/report-deployment.ts";
import { revokeDelegationCommand } from "./commands/revoke-delegation.ts";
import { signOffCommand } from "./commands/sign-off.ts";
import { statusCommand } from "./commands/status.ts";
import { submitCommand } from "./commands/submit.ts";
import { verdictCommand } from "./commands/verdict.ts";
import { verifyCommand } from "./commands/verify.ts";
import { waitCommand } from "./commands/wait.ts";
import { withdrawCommand } from "./commands/withdraw.ts";
import { exitCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** Every command is a file under commands/ and a line here, under whoever uses it most. */
const commands: Readonly<Record<string, readonly ((surroundings: Surroundings) => Command)[]>> = {
  "For pipelines:": [
    submitCommand,
    waitCommand,
    statusCommand,
    listCommand,
    withdrawCommand,
    passportCommand,
    planCommand,
    verdictCommand,
    reportDeploymentCommand,
  ],
  "For reviewers:": [
    inboxCommand,
    signOffCommand,
    askCommand,
    answerCommand,
    lendCommand,
    delegateCommand,
    delegationsCommand,
    revokeDelegationCommand,
    absenceCommand,
  ],
  "For auditors:": [exportCommand, verifyCommand, learnCommand],
  "For those who run it:": [policyCommand, redriveCommand],
};

const codesHelp = `
Commands end with 0; with ${exitCodes.refused} for wrong usage and what is refused; with ${exitCodes.unreachable} where the service cannot be reached, and the same
command may be run again. 'wait', 'plan', 'verdict', 'verify' and 'policy' have more to say: see their --help.`;

/** The whole command line. */
export function countersignProgram(surroundings: Surroundings): Command {
  const program = new Command("countersign")
    .description("Holds a model at the door of production until the people who answer for it have signed off.")
    .version(version(), "--version", "print the version")
    .addHelpText("after", codesHelp);
  for (const [group, made] of Object.entries(commands)) {
    for (const command of made) program.addCommand(command(surroundings).helpGroup(group));
  }
  layOut(program);
  return program;
}

function layOut(command: Command): void {
  command
    .configureHelp({ optionDescription })
    .configureOutput({ outputError: (text, write) => write(text.replace(withoutAddress, saidAddress)) })
    .showHelpAfterError("(--help says what it takes)");
  for (const each of command.commands) layOut(each);
}

/** The commonest mistake of all, which is told with its remedy. */
const withoutAddress = /required option '--url <url>' not specified/;
const saidAddress = "say where Countersign is, with --url https://… or in the environment variable COUNTERSIGN_URL";

/** Says what must be given, and nothing of defaults that only mean 'not given'. */
function optionDescription(option: Option): string {
  const { defaultValue, mandatory } = option;
  const idle =
    defaultValue === false || defaultValue === "" || (Array.isArray(defaultValue) && defaultValue.length === 0);
  const told = idle ? Object.assign(Object.create(option), { defaultValue: undefined }) : option;
  const description = new Help().optionDescription(told);
  return mandatory ? `${description} (required)` : description;
}

function version(): string {
  const read: unknown = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
  return (read as { readonly version: string }).version;
}
