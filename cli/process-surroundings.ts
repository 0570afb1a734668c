import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { createInterface } from "node:readline/promises";
import { setTimeout as pause } from "node:timers/promises";
import { instantFromMs } from "../core/encoding/instant.ts";
import { exitCodes, signalCodes } from "./exit-codes.ts";
import type { Surroundings } from "./surroundings.ts";

/** The surroundings of this very process. */
export function processSurroundings(): Surroundings {
  // Whoever reads may stop early, as `head` does. What there is to say then goes nowhere; what it came to stays.
  for (const stream of [process.stdout, process.stderr]) {
    stream.on("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EPIPE") return;
      // Nobody has the result then, whatever it was.
      if (stream === process.stdout) process.stderr.write(`The result cannot be written: ${error.code}.\n`);
      process.exit(exitCodes.refused);
    });
  }
  return {
    environment: process.env,
    now: () => instantFromMs(Date.now()),
    pause: async (milliseconds) => void (await pause(milliseconds)),
    random: (bytes) => randomBytes(bytes),
    print: (line) => void process.stdout.write(`${line}\n`),
    note: (line) => void process.stderr.write(`${line}\n`),
    attended: process.stdin.isTTY === true,
    ask,
    openBrowser,
    onInterrupt,
    exitWith: (code) => {
      process.exitCode = code;
    },
  };
}

async function ask(question: string): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const lines = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await lines.question(question);
  } finally {
    lines.close();
  }
}

function onInterrupt(say: () => void): () => void {
  const listeners = Object.entries(signalCodes).map(([signal, code]) => {
    const end = () => {
      say();
      process.exit(code);
    };
    process.once(signal, end);
    return () => void process.off(signal, end);
  });
  return () => {
    for (const remove of listeners) remove();
  };
}

/** Opens the person's browser. No shell is involved: the address comes from a server. */
function openBrowser(address: URL): void {
  const [program, ...before] =
    process.platform === "darwin"
      ? ["open"]
      : process.platform === "win32"
        ? ["rundll32", "url.dll,FileProtocolHandler"]
        : ["xdg-open"];
  if (program === undefined) return;
  const child = spawn(program, [...before, address.href], { stdio: "ignore", detached: true });
  // The address was printed too, so a machine without a browser only means that a person opens it elsewhere.
  child.on("error", () => process.stderr.write(`${program} could not be started; please open the address yourself.\n`));
  child.unref();
}
