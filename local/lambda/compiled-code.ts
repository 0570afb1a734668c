import { existsSync, mkdirSync, rmSync, statSync, symlinkSync } from "node:fs";
import { join } from "node:path";

/** Below the state directory: what functions load, compiled by one environment for the next. */
export const compiledFolder = "compiled";

/** Has a stack keep what it compiles in a folder that other stacks use as well, and whose end is not its own. */
export function shareCompiledCode(stateDirectory: string, folder: string): void {
  mkdirSync(folder, { recursive: true });
  const own = join(stateDirectory, compiledFolder);
  if (!existsSync(own)) symlinkSync(folder, own, "junction");
}

/** Removes what was compiled of an assembly before this one: nobody loads it any more. */
export function forgetOlderCode(stateDirectory: string, cdkOut: string): void {
  const folder = join(stateDirectory, compiledFolder);
  if (!existsSync(folder)) return;
  if (statSync(folder).birthtimeMs < statSync(join(cdkOut, "manifest.json")).mtimeMs)
    rmSync(folder, { recursive: true });
}
