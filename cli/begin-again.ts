/**
 * How Node is to be started to verify a pack. V8 doubles its young generation whenever more has survived there than it
 * holds, the last time to a hundred MiB that nothing needs; for threads that is bounded by their `resourceLimits`
 * (`verify-threads.ts`), for the first one by the command line alone: set later, the flag changes nothing (measured). In
 * a checkout threads are given the modules that the first one has read; in the package these are two files.
 */
export const verifyFlags: readonly string[] = [
  "--max-semi-space-size=8",
  ...(import.meta.url.endsWith(".ts")
    ? ["--disable-warning=ExperimentalWarning", `--import=${new URL("./modules-read-once.mjs", import.meta.url)}`]
    : []),
];

/** What of a process this needs. */
export interface Beginning {
  readonly argv: readonly string[];
  readonly execArgv: readonly string[];
  readonly execPath: string;
  readonly env: NodeJS.ProcessEnv;
  readonly platform: NodeJS.Platform;
  /** Puts another program in the place of this one: the same process, with its streams, and its signals. */
  readonly execve?: ((file: string, args: readonly string[], env: NodeJS.ProcessEnv) => never) | undefined;
}

/**
 * Begins this process again with `verifyFlags` where it is to verify a pack. Returns where there is nothing to do: for other
 * commands, where it was begun so or whoever began it chose a size, and where a process cannot be replaced (Windows, Node
 * before 22.15), on which verification takes the memory that V8 likes.
 */
export function beginAgainToVerify(it: Beginning): void {
  const { argv, execArgv, execPath, env, platform, execve } = it;
  if (argv[2] !== "verify" || execve === undefined || platform === "win32") return;
  const chosen = [...execArgv, env["NODE_OPTIONS"] ?? ""].some((flags) => /max[-_]semi[-_]space[-_]size/.test(flags));
  if (!chosen) execve.call(it, execPath, [execPath, ...execArgv, ...verifyFlags, ...argv.slice(1)], env);
}
