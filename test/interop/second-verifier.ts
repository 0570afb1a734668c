import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { expect } from "vitest";
import { readPackManifest } from "../../core/archive/pack/pack-manifest.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Files } from "../core/archive/pack-fixture.ts";
import type { Run } from "./programs.ts";

/** Where a verifier in Python lies that was written from docs/format.md and shares no code with ours. */
export const secondVerifier = join(import.meta.dirname, "second-verifier");

export const python = {
  name: "python3 with the package cryptography",
  there: spawnSync("python3", ["-c", "import cryptography"]).status === 0,
};

/**
 * Verifies what it is told of, line by line: the path of a pack, or the digests of its files with the bytes of those that the one
 * before did not have.
 */
const loop = `
import contextlib, io, json, sys
from base64 import b64decode
sys.path.insert(0, ${JSON.stringify(secondVerifier)})
from verify import main, tell, why_refused
kept = {}
for line in sys.stdin:
    told = json.loads(line)
    said = io.StringIO()
    with contextlib.redirect_stdout(said):
        if isinstance(told, str):
            status = main(told)
        else:
            kept.update({digest: b64decode(text) for digest, text in told["new"].items()})
            kept = {digest: kept[digest] for digest in told["files"].values()}
            status = tell(why_refused(lambda: {path: kept[digest] for path, digest in told["files"].items()}))
    print(json.dumps({"status": status, "output": said.getvalue()}), flush=True)
`;

let running:
  | { readonly child: ChildProcess; readonly answers: AsyncIterator<string>; known: ReadonlySet<string> }
  | undefined;

/** What it says of a pack. Most files of one are those of the last one, too, and writing them to the disk takes longest. */
export async function verdictOn(files: Files): Promise<Run> {
  running ??= start();
  const { known } = running;
  const named = [...files].map(([path, bytes]) => ({ path, bytes, digest: sha256Hex(bytes) }));
  const fresh = named.filter(({ digest }) => !known.has(digest));
  running.known = new Set(named.map(({ digest }) => digest));
  return answerTo({
    files: Object.fromEntries(named.map(({ path, digest }) => [path, digest])),
    new: Object.fromEntries(fresh.map(({ bytes, digest }) => [digest, Buffer.from(bytes).toString("base64")])),
  });
}

/** Expects that it takes a pack, or that it refuses it by `why`. */
export async function expectVerdict(files: Files, why?: RegExp, name?: string): Promise<void> {
  const { status, output } = await verdictOn(files);
  const says = expect.stringMatching(why ?? /Everything that was checked holds\./);
  expect([status, output], name).toEqual([why === undefined ? 0 : 1, says]);
}

/** What it says of a pack on the disk. */
export async function verdictAt(path: string): Promise<Run> {
  return answerTo(path);
}

/** One process for all of them: starting Python takes longer than verifying a pack. */
async function answerTo(told: unknown): Promise<Run> {
  running ??= start();
  running.child.stdin?.write(`${JSON.stringify(told)}\n`);
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
  return { child, answers, known: new Set<string>() };
}

/** Without Python: the page names whatever stands in the manifest. */
export function requireOnThePage(files: Files): void {
  const page = readFileSync("docs/format.md", "utf8");
  const members = Object.keys(readPackManifest(files.get("manifest.json") ?? new Uint8Array()));
  expect(members.filter((member) => !page.includes(`\`${member}\``))).toEqual([]);
}
