import type { Command } from "commander";
import { fileFailure } from "../../cli/file-failure.ts";
import type { Surroundings } from "../../cli/surroundings.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { Failure } from "../../core/failure.ts";
import { now } from "../core/promotion/promotion-in-review.ts";

/** Surroundings that keep what a command said; pauses pass at once and move the clock. */
export interface RecordedSurroundings extends Surroundings {
  readonly printed: string[];
  readonly noted: string[];
  readonly pauses: number[];
  readonly exitCode: () => number | undefined;
  /** What Ctrl-C does at this moment. */
  readonly interrupt: () => void;
  /** Everything that was said anywhere. */
  readonly everything: () => string;
}

export function recordedSurroundings(
  over: Partial<Surroundings> & { readonly start?: Instant } = {},
): RecordedSurroundings {
  const printed: string[] = [];
  const noted: string[] = [];
  const pauses: number[] = [];
  let clock = over.start ?? now;
  let code: number | undefined;
  const sayings = new Set<() => void>();
  return {
    environment: {},
    now: () => clock,
    pause: async (milliseconds) => {
      pauses.push(milliseconds);
      clock = addSeconds(clock, milliseconds / 1000);
    },
    random: (bytes) => new Uint8Array(bytes).fill(7),
    print: (line) => void printed.push(line),
    note: (line) => void noted.push(line),
    attended: false,
    ask: async () => {
      throw new Error("Nobody set up an answer.");
    },
    openBrowser: () => {
      throw new Error("Nobody asked for a browser.");
    },
    onInterrupt: (say) => {
      sayings.add(say);
      return () => void sayings.delete(say);
    },
    exitWith: (given) => {
      code = given;
    },
    ...over,
    printed,
    noted,
    pauses,
    exitCode: () => code,
    interrupt: () => {
      for (const say of sayings) say();
    },
    everything: () => [...printed, ...noted].join("\n"),
  };
}

/** Runs a command as the command line would; answers the sentence it failed with, if it did. */
export async function run(command: Command, ...parameters: string[]): Promise<string | undefined> {
  command.exitOverride().configureOutput({ writeErr: () => {}, writeOut: () => {} });
  try {
    await command.parseAsync(parameters, { from: "user" });
    return undefined;
  } catch (error) {
    const failure = error instanceof Failure ? error : fileFailure(error);
    if (failure === undefined) throw error;
    return failure.message;
  }
}
