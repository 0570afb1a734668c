import { spawnSync } from "node:child_process";
import { expect, it } from "vitest";

/** What a program wrote, and how it ended. */
export interface Run {
  readonly status: number | null;
  readonly output: string;
}

/** Runs a program of the PATH with nothing but the PATH and a home to write to. */
export function run(program: string, args: readonly string[], home: string): Run {
  const { status, stdout, stderr } = spawnSync(program, args, {
    cwd: home,
    env: { PATH: process.env["PATH"] ?? "", HOME: home },
    encoding: "utf8",
  });
  return { status, output: `${stdout}${stderr}` };
}

/**
 * A test that needs a program which is not everybody's. Nothing is skipped: without the program the test says so in its
 * name, and looks at what the program would be given.
 */
export function withProgram(program: string, name: string, body: () => void, without: () => void): void {
  const { error } = spawnSync(program, ["--help"], { encoding: "utf8" });
  withTool({ name: program, there: error === undefined }, name, body, without);
}

/** As `withProgram`, for what is more than a program. */
export function withTool(
  tool: { readonly name: string; readonly there: boolean },
  name: string,
  body: () => void | Promise<void>,
  without: () => void | Promise<void>,
): void {
  if (tool.there) it(name, body);
  else {
    it(`${name} (${tool.name} is not on the PATH: only its input was looked at)`, async () => {
      expect.hasAssertions();
      await without();
    });
  }
}
