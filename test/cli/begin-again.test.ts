import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";
import { type Beginning, beginAgainToVerify } from "../../cli/begin-again.ts";

interface Replaced {
  readonly file: string;
  readonly args: readonly string[];
}

/** What is put in the place of `countersign verify pack.zip`, or of what it is told to be instead. */
function replacedBy(other: Partial<Beginning> = {}): Replaced | undefined {
  const replaced: Replaced[] = [];
  beginAgainToVerify({
    argv: ["/bin/node", "/checkout/cli/countersign.mjs", "verify", "pack.zip", "--json"],
    execArgv: [],
    execPath: "/bin/node",
    env: {},
    platform: "linux",
    execve: (file, args) => {
      replaced.push({ file, args });
      return undefined as never;
    },
    ...other,
  });
  return replaced[0];
}

describe("beginning again to verify", () => {
  it("is the same command, with a bounded young generation and modules that are read once, after what Node was told before", () => {
    expect(replacedBy({ execArgv: ["--no-warnings"] })).toEqual({
      file: "/bin/node",
      args: [
        "/bin/node",
        "--no-warnings",
        "--max-semi-space-size=8",
        "--disable-warning=ExperimentalWarning",
        `--import=${pathToFileURL(join(import.meta.dirname, "../../cli/modules-read-once.mjs"))}`,
        "/checkout/cli/countersign.mjs",
        "verify",
        "pack.zip",
        "--json",
      ],
    });
  });

  it.each<[string, Partial<Beginning>]>([
    ["is not done for other commands", { argv: ["/bin/node", "/checkout/cli/countersign.mjs", "status", "verify"] }],
    ["is done once", { execArgv: ["--max-semi-space-size=8"] }],
    ["leaves a size that was chosen", { env: { NODE_OPTIONS: "--max_semi_space_size=64" } }],
    ["is left where a process cannot be replaced", { platform: "win32" }],
    ["is left where Node cannot do it", { execve: undefined }],
  ])("%s", (_, other) => {
    expect(replacedBy(other)).toBeUndefined();
  });

  it("keeps the process's streams, its directory and its exit code, and says nothing of its own", () => {
    const program = join(import.meta.dirname, "../../cli/countersign.mjs");
    const run = spawnSync(process.execPath, [program, "verify", "no-such-pack.zip"], { encoding: "utf8" });
    expect(run).toMatchObject({
      status: 1,
      stdout: "",
      stderr: "no-such-pack.zip cannot be read: it is not there (ENOENT).\n",
    });
  });
});
