import type { Instant } from "../core/encoding/instant.ts";

/** All that a command needs of the world around it; the process has the real one, tests have their own. */
export interface Surroundings {
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly now: () => Instant;
  readonly pause: (milliseconds: number) => Promise<void>;
  /** So many bytes that nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
  /** A line of the result, for the standard output. */
  readonly print: (line: string) => void;
  /** A line for the person who watches, for the standard error: programs that read the result do not see it. */
  readonly note: (line: string) => void;
  /** Whether somebody is at a terminal. */
  readonly attended: boolean;
  /** The answer to a question; `undefined` where nobody is at a terminal. */
  readonly ask: (question: string) => Promise<string | undefined>;
  readonly openBrowser: (address: URL) => void;
  /** Has something said before Ctrl-C or a cancelled CI job ends the process; answers how to take that back. */
  readonly onInterrupt: (say: () => void) => () => void;
  /** Sets the code with which the process ends, once everything is written. */
  readonly exitWith: (code: number) => void;
}
