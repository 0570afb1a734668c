import { Command } from "commander";
import { checkPolicies } from "../../core/policy/check-policies.ts";
import { signInOptions, urlOption } from "../options.ts";
import { checkLines, findingLines } from "../policy/check-text.ts";
import { gatesNotCompiled } from "../policy/compiled-gates.ts";
import { defaultFolder, directoryIn, policyTexts, whyNotKept } from "../policy/policy-sources.ts";
import { type ProposeOptions, proposalLines, proposeFolder } from "../policy/propose-folder.ts";
import { type ReplayOptions, replayFile } from "../policy/replay-file.ts";
import { replayLines } from "../policy/replay-text.ts";
import { type SimulateOptions, simulateFiles } from "../policy/simulate-files.ts";
import { simulationLines } from "../policy/simulation-text.ts";
import { type WithdrawProposalOptions, withdrawProposal } from "../policy/withdraw-proposal.ts";
import type { Surroundings } from "../surroundings.ts";
import { jsonText } from "../terminal-text.ts";

interface CheckOptions {
  readonly directory?: string;
  readonly strict: boolean;
  readonly quiet: boolean;
  readonly json: boolean;
}

const directoryHelp = `
A directory is JSON: {"directoryVersion": 1, "members": [{"identity": {"issuer", "subject"}, "name", "address",
"groups": [], "enabled"}]}. docs/policies.md shows how to export one.`;

const checkHelp = `
Exit codes:
  0  no errors (with --strict: no warnings either)
  1  something is wrong: every line names file and line`;

const simulateHelp = `
Nothing leaves this machine. Without a directory, people who do not exist hold the roles, called sre-1, sre-2, …
Exit codes:
  0  would pass
  1  the request or the policies cannot be read
  2  would be blocked
  3  would wait for what is not there: signatures, evidence, the end of a freeze window`;

const replayHelp = `
Works offline, with the evidence and the signatures that were archived and no others. The pack itself is not verified.
Exit codes:
  0  every promotion would stand where it stood
  1  the pack or the policies cannot be read
  2  some would stand elsewhere: each is listed`;

/** `countersign policy`: looks at policies before they judge anybody. */
export function policyCommand(surroundings: Surroundings): Command {
  const policy = new Command("policy").description("check policies, see what they would do, and propose them");
  policy
    .command("check")
    .description(
      "check a folder of policies: every problem with file and line, and whether there are people for every seat",
    )
    .argument("[folder]", "the policies", defaultFolder)
    .option("--directory <file>", "an export of the organisation's directory")
    .option("--strict", "warnings count as errors", false)
    .option("--quiet", "print errors and warnings alone", false)
    .option("--json", "print the whole result as one line of JSON", false)
    .addHelpText("after", checkHelp + directoryHelp)
    .action((folder: string, options: CheckOptions) => check(folder, options, surroundings));
  policy
    .command("simulate")
    .description("take one request through the policies and explain what would become of it")
    .argument("<request>", "a promotion request; files without size or sha256, and whole parts, may be left out")
    .option("--policies <folder>", "the policies", defaultFolder)
    .option("--directory <file>", "an export of the organisation's directory")
    .option(
      "--files <folder>",
      "where the request's files lie, as for 'submit --upload' (default: the request's own folder)",
    )
    .option(
      "--signed-by <person>",
      "who is taken to approve: address, subject or name, and =ROLE,… for single roles",
      collect,
    )
    .option("--rejected-by <person>", "who is taken to reject", collect)
    .option("--first-release", "no version of the model was ever deployed in the target", false)
    .option("--earlier-releases <file>", "earlier-releases.json out of an audit pack, to compare with")
    .option("--started-by <address>", "who started the CI run")
    .option("--at <time>", "when all this happens, such as 2026-12-18T18:00:00Z (default: now)")
    .option("--json", "print the whole result as one line of JSON", false)
    .addHelpText("after", simulateHelp + directoryHelp)
    .action((request: string, options: SimulateOptions & { readonly json: boolean }) =>
      simulation(request, options, surroundings),
    );
  policy
    .command("replay")
    .description(
      "run policies over the history in an audit pack: what would be blocked or pass, and whom it would wait for",
    )
    .argument("<pack>", "the zip, or the folder it was unpacked into")
    .requiredOption("--policies <folder>", "the policies to try")
    .option("--directory <file>", "an export of the organisation's directory")
    .option("--at <time>", "judge every gate at this moment (default: each at its own)")
    .option("--json", "print the whole result as one line of JSON", false)
    .addHelpText("after", replayHelp + directoryHelp)
    .action((pack: string, options: ReplayOptions & { readonly json: boolean }) => replay(pack, options, surroundings));
  const propose = policy
    .command("propose")
    .description("ask those who sign for a change of the policies to put a folder in force")
    .argument("<folder>", "the policies, with their compiled gates")
    .addOption(urlOption())
    .requiredOption("--title <text>", "what reviewers call the change, such as 'credit scoring needs an AUC of 0.8'")
    .option("--json", "print the service's answer as one line of JSON", false)
    .action((folder: string, options: ProposeOptions & { readonly json: boolean }) =>
      proposal(folder, options, surroundings),
    );
  const withdraw = policy
    .command("withdraw")
    .description("take back policies that you proposed, until their verdict")
    .argument("<id>", "the promotion that the proposal is")
    .addOption(urlOption())
    .option("--json", "print the service's answer as one line of JSON", false)
    .addHelpText("after", "\nDoing it again changes nothing.")
    .action(async (id: string, options: WithdrawProposalOptions & { readonly json: boolean }) => {
      const answer = await withdrawProposal(id, options, surroundings);
      surroundings.print(options.json ? jsonText(answer) : `The proposal is ${answer.status}.`);
    });
  for (const option of signInOptions()) {
    propose.addOption(option);
    withdraw.addOption(option);
  }
  return policy;
}

async function proposal(
  folder: string,
  options: ProposeOptions & { readonly json: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const answer = await proposeFolder(folder, options, surroundings);
  if (options.json) surroundings.print(jsonText(answer));
  else for (const line of proposalLines(answer, options.url.replace(/\/+$/, ""))) surroundings.print(line);
}

async function check(folder: string, options: CheckOptions, surroundings: Surroundings): Promise<void> {
  const members = await directoryIn(options.directory);
  // Loaded for this command alone: it brings a client along that no other needs.
  const { channelKinds } = await import("../policy/channel-kinds.ts");
  const checked = checkPolicies(await policyTexts(folder), members, surroundings.now(), channelKinds);
  const notCompiled = await gatesNotCompiled(folder);
  const notKept = whyNotKept(folder);
  const result = {
    ...checked,
    holds: checked.holds && notCompiled.length === 0 && notKept === undefined,
    notCompiled,
    ...(notKept === undefined ? {} : { notKept }),
  };
  if (options.json) surroundings.print(jsonText(result));
  else
    for (const line of (options.quiet ? findingLines : checkLines)(result, folder.replace(/\/+$/, "")))
      surroundings.print(line);
  surroundings.exitWith(result.holds && !(options.strict && result.findings.length > 0) ? 0 : 1);
}

async function simulation(
  request: string,
  options: SimulateOptions & { readonly json: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const result = await simulateFiles(request, options, surroundings.now());
  if (options.json) surroundings.print(jsonText(result));
  else for (const line of simulationLines(result)) surroundings.print(line);
  surroundings.exitWith({ "would-pass": 0, "would-be-blocked": 2, "would-wait": 3 }[result.outcome]);
}

async function replay(
  pack: string,
  options: ReplayOptions & { readonly json: boolean },
  surroundings: Surroundings,
): Promise<void> {
  const result = await replayFile(pack, options);
  if (options.json) surroundings.print(jsonText(result));
  else for (const line of replayLines(result)) surroundings.print(line);
  surroundings.exitWith(result.changed.length === 0 ? 0 : 2);
}

function collect(one: string, before: readonly string[] = []): readonly string[] {
  return [...before, one];
}
