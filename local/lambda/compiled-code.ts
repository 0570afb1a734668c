import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Below the state directory: what functions load, compiled by one environment for the next. */
export const compiledFolder = "compiled";

/** Removes what was compiled of an assembly before this one: nobody loads it any more. */
export function forgetOlderCode(stateDirectory: string, cdkOut: string): void {
  const folder = join(stateDirectory, compiledFolder);
  if (!existsSync(folder)) return;
  if (statSync(folder).birthtimeMs < statSync(join(cdkOut, "manifest.json")).mtimeMs)
    rmSync(folder, { recursive: true });
}
