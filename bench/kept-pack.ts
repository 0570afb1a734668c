import { existsSync, rmSync } from "node:fs";

/**
 * What was made for a benchmark once and kept, or else made now: so too where `use` throws, since what earlier code made
 * need not hold for today's.
 */
export function keptPack(path: string, make: () => void, use: () => void): void {
  if (existsSync(path)) {
    try {
      use();
      return;
    } catch {
      rmSync(path);
    }
  }
  make();
}
