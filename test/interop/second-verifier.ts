import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { readPackManifest } from "../../core/archive/pack/pack-manifest.ts";
import { folderOnDisk } from "../cli/pack-on-disk.ts";
import type { Files } from "../core/archive/pack-fixture.ts";
import type { Run } from "./programs.ts";

/** Where a verifier in Python lies that was written from docs/format.md and shares no code with ours. */
export const secondVerifier = join(import.meta.dirname, "second-verifier");

export const python = {
  name: "python3 with the package cryptography",
  there: spawnSync("python3", ["-c", "import cryptography"]).status === 0,
};

/** Verifies what it is told of, line by line. */
const loop = `
import contextlib, io, json, sys
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from verify import main
for line in sys.stdin:
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        status = main(json.loads(line))
    print(json.dumps({"status": status, "output": said.getvalue()}), flush=True)
`;

let running: { readonly child: ChildProcess; readonly answers: AsyncIterator<string> } | undefined;

/** What it says of a pack. */
export function verdictOn(files: Files): Promise<Run> {
  return verdictAt(folderOnDisk(files));
}

/** The same of one on the disk. One process for all of them: starting Python takes longer than verifying a pack. */
export async function verdictAt(path: string): Promise<Run> {
  running ??= start();
  running.child.stdin?.write(`${JSON.stringify(path)}\n`);
  const { value, done } = await running.answers.next();
  if (done === true) throw new Error("The second verifier has ended.");
  return JSON.parse(value) as Run;
}

function start() {
  const env = { PATH: process.env["PATH"] ?? "" };
  const child = spawn("python3", ["-c", loop], { env, stdio: ["pipe", "pipe", "inherit"] });
  // It ends with the worker that started it, for that closes its input; nobody waits for it before.
  for (const each of [child, child.stdin, child.stdout]) (each as { readonly unref?: () => void }).unref?.();
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return { child, answers };
}

/** Without Python: the page names whatever stands in the manifest. */
export function requireOnThePage(files: Files): void {
  const page = readFileSync("docs/format.md", "utf8");
  const members = Object.keys(readPackManifest(files.get("manifest.json") ?? new Uint8Array()));
  expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
}
