import type { Command } from "commander";
import { describe, expect, it, onTestFinished, vi } from "vitest";
import { listCommand } from "../../cli/commands/list.ts";
import { countersignProgram } from "../../cli/program.ts";
import packageFile from "../../package.json" with { type: "json" };
import { recordedSurroundings, run } from "./recorded-surroundings.ts";

const program = countersignProgram(recordedSurroundings());

function withItsOwn(command: Command): readonly Command[] {
  return [command, ...command.commands.flatMap(withItsOwn)];
}
const all = withItsOwn(program);
const helpOf = (name: string) => all.find((command) => command.name() === name)?.helpInformation() ?? "";

describe("the command line", () => {
  it("lists every command under whoever uses it", () => {
    const groups = program.helpInformation().match(/^For .*:$/gm);
    expect(groups).toEqual(["For pipelines:", "For reviewers:", "For auditors:", "For those who run it:"]);
    expect(program.commands.filter((command) => command.helpGroup() === "")).toEqual([]);
  });

  it("says which options must be given", () => {
    expect(helpOf("submit").replaceAll(/\s+/g, " ")).toContain("evidence, lineage (required)");
    expect(helpOf("submit")).not.toMatch(/exchange bucket[^-]*required/);
  });

  it("says nothing of defaults that only mean 'not given'", () => {
    expect(all.filter((command) => /\(default: (?:false|""|\[\])\)/.test(command.helpInformation()))).toEqual([]);
    expect(helpOf("submit")).toContain('(default: "COUNTERSIGN_TOKEN")');
  });

  it("tells everything to programs as well", () => {
    const leaves = all.filter(({ commands }) => commands.length === 0);
    expect(leaves.length).toBeGreaterThan(24);
    expect(leaves.filter(({ options }) => !options.some(({ long }) => long === "--json"))).toEqual([]);
  });

  it("says of an address that is empty where it comes from", async () => {
    vi.stubEnv("COUNTERSIGN_URL", "");
    onTestFinished(() => void vi.unstubAllEnvs());
    await expect(run(listCommand(recordedSurroundings()))).rejects.toThrow(
      "value '' from env 'COUNTERSIGN_URL' is invalid. It is empty: is the variable set in this job?",
    );
  });

  it("knows its version", async () => {
    await expect(run(countersignProgram(recordedSurroundings()), "--version")).rejects.toThrow(packageFile.version);
  });
});
