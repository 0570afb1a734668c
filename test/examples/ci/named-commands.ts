import type { Command } from "commander";
import { exportCommand } from "../../../cli/commands/export.ts";
import { statusCommand } from "../../../cli/commands/status.ts";
import { submitCommand } from "../../../cli/commands/submit.ts";
import { verdictCommand } from "../../../cli/commands/verdict.ts";
import { waitCommand } from "../../../cli/commands/wait.ts";
import { recordedSurroundings } from "../../cli/recorded-surroundings.ts";

const known: ReadonlyMap<string, Command> = new Map(
  [submitCommand, waitCommand, statusCommand, exportCommand, verdictCommand].map((make) => {
    const command = make(recordedSurroundings());
    return [command.name(), command];
  }),
);

/** Every use of the command line in a text: the command, and the options that it is given. */
export function namedCommands(text: string): readonly { readonly name: string; readonly options: readonly string[] }[] {
  // To the end of the command: a line, a quote that closes a Groovy string, a pipe, or the parenthesis of `$(…)`.
  const uses = text.matchAll(/(?:npx countersign|countersign\.mjs"?) ([a-z-]+)([^\n|)']*)/g);
  return [...uses].map(([, name = "", rest = ""]) => ({
    name,
    options: [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option),
  }));
}

/** What the command line does not know of the commands that a text names. */
export function unknownToTheCommandLine(text: string): readonly string[] {
  return namedCommands(text).flatMap(({ name, options }) => {
    const command = known.get(name);
    if (command === undefined) return [name];
    return options
      .filter((option) => !command.options.some(({ long }) => long === option))
      .map((each) => `${name} ${each}`);
  });
}
