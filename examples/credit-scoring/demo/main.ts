import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { peopleIn } from "../../../local/people.ts";
import { type RunningStack, startStack } from "../../../local/stack.ts";
import { synthesizedAssembly } from "../../../local/synthesize.ts";
import { localImage, scorerUrl } from "../artifacts.ts";
import { type AuditResult, audit } from "./audit.ts";
import { outputOf, Pipeline } from "./pipeline.ts";
import { ReviewerAtTerminal } from "./reviewer.ts";
import { blocked, type Cast, deployed, rejected, type StoryResult, selfApproval, tampered } from "./stories.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(root, ".countersign", "demo");
const people = join(root, "local", "people.json");
const quiet = process.argv.includes("--json");
const began = Date.now();

/** Progress, with the seconds since the start. */
function say(sentence: string): void {
  if (!quiet) console.log(`${((Date.now() - began) / 1000).toFixed(1).padStart(6)} s  ${sentence}`);
}

async function demo(): Promise<void> {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const cdkOut = await synthesizedAssembly(root, say);
  say("starting the stacks that `cdk deploy` ships on this machine");
  const stack = await startStack({
    stateDirectory: join(folder, "state"),
    cdkOut,
    ports: "free",
    people,
    images: [{ ...localImage(), program: fileURLToPath(scorerUrl) }],
  });
  try {
    const results = await tell(castOf(stack));
    const audited = await audit(castOf(stack), results, folder);
    finish(results, audited);
  } finally {
    await stack.close();
  }
}

async function tell(cast: Cast): Promise<readonly StoryResult[]> {
  const stories = { deployed, blocked, rejected, tampered, "self-approval": selfApproval };
  const results: StoryResult[] = [];
  for (const [name, story] of Object.entries(stories)) {
    say(`── ${name}`);
    const result = await story(cast);
    say(`${result.status}: ${result.explanation}`);
    results.push(result);
  }
  return results;
}

function castOf(stack: RunningStack): Cast {
  const clientId = outputOf(stack, "CliClientId");
  const reviewer = (username: string) => {
    const person = peopleIn(people).byUsername(username);
    if (person === undefined) throw new Error(`local/people.json has nobody called ${username}.`);
    return new ReviewerAtTerminal(stack, clientId, username, person.password);
  };
  return {
    stack,
    pipeline: new Pipeline(stack),
    compliance: reviewer("ines"),
    leadDataScientist: reviewer("lars"),
    reliabilityEngineer: reviewer("mira"),
    trainer: reviewer("tomas"),
    say,
  };
}

function finish(stories: readonly StoryResult[], audited: AuditResult): void {
  const result = { stories, auditPack: audited.path, ledger: audited.ledger };
  writeFileSync(join(folder, "result.json"), `${JSON.stringify(result, null, 2)}\n`);
  if (quiet) {
    console.log(readFileSync(join(folder, "result.json"), "utf8").trimEnd());
    return;
  }
  console.log("");
  for (const { name, promotionId, status } of stories) {
    console.log(`  ${name.padEnd(14)} ${status.padEnd(11)} ${promotionId}`);
  }
  console.log(`  ledger         ${audited.ledger.entries} entries, root ${audited.ledger.rootHash}`);
  console.log(`  audit pack     ${audited.path}`);
  console.log(`                 verified offline; with one byte flipped: ${audited.flipped}`);
  console.log(`  took           ${((Date.now() - began) / 1000).toFixed(1)} s`);
}

await demo();
