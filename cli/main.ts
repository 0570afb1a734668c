import { Command } from "commander";
import { Failure } from "../core/failure.ts";
import { absenceCommand } from "./commands/absence.ts";
import { answerCommand } from "./commands/answer.ts";
import { askCommand } from "./commands/ask.ts";
import { delegateCommand } from "./commands/delegate.ts";
import { delegationsCommand } from "./commands/delegations.ts";
import { exportCommand } from "./commands/export.ts";
import { inboxCommand } from "./commands/inbox.ts";
import { learnCommand } from "./commands/learn.ts";
import { lendCommand } from "./commands/lend.ts";
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
import { exitCodeOfFailure } from "./exit-codes.ts";
import { processSurroundings } from "./process-surroundings.ts";
import type { Surroundings } from "./surroundings.ts";

/** Every command is a file under commands/ and a line here. */
const commands: readonly ((surroundings: Surroundings) => Command)[] = [
  submitCommand,
  waitCommand,
  statusCommand,
  inboxCommand,
  askCommand,
  answerCommand,
  passportCommand,
  planCommand,
  verdictCommand,
  reportDeploymentCommand,
  signOffCommand,
  lendCommand,
  delegateCommand,
  delegationsCommand,
  revokeDelegationCommand,
  absenceCommand,
  exportCommand,
  verifyCommand,
  policyCommand,
  learnCommand,
  redriveCommand,
];

const surroundings = processSurroundings();
const program = new Command("countersign").description(
  "Holds a model at the door of production until the people who answer for it have signed off.",
);
for (const command of commands) program.addCommand(command(surroundings));
try {
  await program.parseAsync();
} catch (error) {
  if (!(error instanceof Failure)) throw error;
  surroundings.note(error.message);
  surroundings.exitWith(exitCodeOfFailure(error));
}
