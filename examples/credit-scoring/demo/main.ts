import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Command } from "commander";
import { Failure } from "../../../core/failure.ts";
import { synthesizedAssembly } from "../../../local/synthesize.ts";
import { type AuditResult, audit } from "./audit.ts";
import { castOf } from "./cast.ts";
import type { StoryResult } from "./stories.ts";
import { startExampleStack, tellStories } from "./tell-stories.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));
const folder = join(root, ".countersign", "demo");
const { json: quiet } = new Command("npm run demo --")
  .description("Tells the stories of the example on this machine from end to end, and verifies the record of them.")
  .option("--json", "print the result alone", false)
  .allowExcessArguments(false)
  .parse()
  .opts<{ readonly json: boolean }>();
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
  const stack = await startExampleStack(folder, cdkOut);
  try {
    const results = await tellStories(stack, say);
    const audited = await audit(castOf(stack, say), results, folder);
    finish(results, audited);
  } finally {
    await stack.close();
  }
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

try {
  await demo();
} catch (error) {
  // A sentence for whoever typed the command; anything else is a fault of ours and shows its stack.
  console.error(error instanceof Failure ? error.message : error);
  process.exitCode = 1;
}
