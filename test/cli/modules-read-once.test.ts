import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { verifyFlags } from "../../cli/begin-again.ts";

const folder = mkdtempSync(join(tmpdir(), "countersign-modules-"));
afterAll(() => rmSync(folder, { recursive: true }));

const said = (text: string) => `export const said: string = ${JSON.stringify(text)};\n`;
/** What the first thread was told as it loaded a module, and what one is told that loads it once the file has changed. */
function told(flags: readonly string[]): unknown {
  const files = {
    "package.json": JSON.stringify({ type: "module" }),
    "said.ts": said("what it was"),
    "thread.ts": `import { parentPort } from "node:worker_threads";
import { said } from "./said.ts";
import { alone } from "./alone.ts";
parentPort?.postMessage([said satisfies string, alone]);\n`,
    "alone.ts": "export const alone: number = 1;\n",
    "main.ts": `import { once } from "node:events";
import { writeFileSync } from "node:fs";
import { Worker } from "node:worker_threads";
import { said } from "./said.ts";
writeFileSync(new URL("./said.ts", import.meta.url), ${JSON.stringify(said("what it became"))});
const [answer] = await once(new Worker(new URL("./thread.ts", import.meta.url)), "message");
console.log(JSON.stringify([said as string, ...answer]));\n`,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return JSON.parse(execFileSync(process.execPath, [...flags, join(folder, "main.ts")], { encoding: "utf8" }));
}

describe("modules that are read once", () => {
  it("are to each thread what the first one read, and what that did not load it loads itself", () => {
    expect(told(verifyFlags)).toEqual(["what it was", "what it was", 1]);
  });

  it("are read by each thread without that", () => {
    expect(told([])).toEqual(["what it was", "what it became", 1]);
  });
});
