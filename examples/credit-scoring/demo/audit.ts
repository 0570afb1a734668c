import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { base64 } from "../../../core/encoding/base64.ts";
import { parseCheckpoint } from "../../../core/ledger/checkpoint.ts";
import type { Cast } from "./cast.ts";
import { exportedPack } from "./exported-pack.ts";
import { patientFetch } from "./patient-fetch.ts";
import type { StoryResult } from "./stories.ts";

/** What the audit of the demo came to. */
export interface AuditResult {
  /** Of the pack, from the checkout. */
  readonly path: string;
  readonly ledger: { readonly entries: number; readonly rootHash: string };
  /** What verification said of the pack with one byte flipped. */
  readonly flipped: string;
}

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Exports the archive, verifies it offline by the command line, and shows that a flipped byte is noticed. */
export async function audit(cast: Cast, stories: readonly StoryResult[], folder: string): Promise<AuditResult> {
  cast.say("── audit");
  const ledger = await ledgerWith(cast, stories);
  cast.say(`the ledger has ${ledger.entries} entries, root ${ledger.rootHash}`);
  const { content: pack } = await exportedPack(cast, {}, await cast.compliance.signIn("session"));
  const path = join(folder, "audit-pack.zip");
  writeFileSync(path, pack);
  cast.say(`exported ${pack.length} bytes`);
  const good = verify(path);
  if (good.status !== 0) throw new Error(`The exported pack does not verify:\n${good.output}`);
  cast.say("verified offline: everything holds");

  const flippedPath = join(folder, "audit-pack.flipped.zip");
  writeFileSync(flippedPath, withOneByteFlipped(pack));
  const bad = verify(flippedPath);
  if (bad.status !== 1) throw new Error(`A flipped byte was not noticed:\n${bad.output}`);
  const flipped = bad.output.split("\n").find((line) => line.trim() !== "") ?? "";
  cast.say(`one byte flipped: ${flipped}`);
  return { path: relative(root, path), ledger, flipped };
}

/** The ledger once it holds every fact that the promotions tell of. */
async function ledgerWith(cast: Cast, stories: readonly StoryResult[]): Promise<AuditResult["ledger"]> {
  const end = Date.now() + 60_000;
  for (;;) {
    const promotions = await Promise.all(stories.map(({ promotionId }) => cast.pipeline.promotion(promotionId)));
    const facts = promotions.reduce((sum, { timeline }) => sum + timeline.length, 0);
    const answer = await patientFetch(`${cast.stack.addresses.portal}/v1/audit/checkpoint`);
    const { checkpoint } = parseCheckpoint(new Uint8Array(await answer.arrayBuffer()));
    if (checkpoint.size >= facts) return { entries: checkpoint.size, rootHash: base64(checkpoint.root) };
    if (Date.now() > end) throw new Error(`The ledger holds ${checkpoint.size} of ${facts} facts after a minute.`);
    await new Promise((resolve) => setTimeout(resolve, 250));
  }
}

/** Runs `countersign verify` as an auditor would, in a process of its own. */
function verify(path: string): { readonly status: number | null; readonly output: string } {
  const run = spawnSync(process.execPath, [join(root, "cli", "countersign.mjs"), "verify", path], { encoding: "utf8" });
  return { status: run.status, output: `${run.stdout}${run.stderr}` };
}

function withOneByteFlipped(pack: Uint8Array): Uint8Array {
  const copy = pack.slice();
  const at = Math.floor(copy.length / 2);
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}
