import { countersignProgram } from "../../../cli/program.ts";
import { recordedSurroundings } from "../../cli/recorded-surroundings.ts";

const program = countersignProgram(recordedSurroundings());

/** Every use of the command line in a text: the command, and the options that it is given. */
export function namedCommands(text: string): readonly { readonly name: string; readonly options: readonly string[] }[] {
  // To the end of the command: a line, a quote that closes a Groovy string, a pipe, or the parenthesis of `$(…)`.
  const uses = text.matchAll(/(?<=(?:^|[-&;|("`]|npx|exec|bin\/) *)countersign ([a-z][a-z-]*)([^\n|)'`]*)/gm);
  return [...uses].map(([, first = "", rest = ""]) => {
    // `policy check` and `plan verify` are commands of a command.
    const [, second] = (commandOf(first)?.commands.length ?? 0) > 0 ? (/^ ([a-z-]+)/.exec(rest) ?? []) : [];
    return {
      name: second === undefined ? first : `${first} ${second}`,
      options: [...rest.matchAll(/(?<=\s)--[a-z-]+/g)].map(([option]) => option),
    };
  });
}

/** What the command line does not know of the commands that a text names. */
export function unknownToTheCommandLine(text: string): readonly string[] {
  return namedCommands(text).flatMap(({ name, options }) => {
    const command = commandOf(name);
    if (command === undefined) return [name];
    return options
      .filter((option) => !command.options.some(({ long }) => long === option))
      .map((each) => `${name} ${each}`);
  });
}

function commandOf(name: string) {
  let found = program;
  for (const part of name.split(" ")) {
    const next = found.commands.find((each) => each.name() === part || each.aliases().includes(part));
    if (next === undefined) return undefined;
    found = next;
  }
  return found;
}
