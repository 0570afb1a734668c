import { closeSync, mkdirSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { Failure } from "../core/failure.ts";

/** Directories that this process holds: its own number in a lock file tells nothing after a restart. */
const held = new Set<string>();

/**
 * Takes the state directory for this process, so that no two stacks write the same files. A lock whose process has
 * ended is taken over. Throws `conflict` where another process holds it. Gives what releases it.
 */
export function lockState(directory: string): () => void {
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, "lock");
  const owner = ownerOf(path);
  if (held.has(path) || (owner !== undefined && owner !== process.pid && isAlive(owner))) {
    throw new Failure("conflict", `${directory} is in use by process ${owner}. Stop it, or use another directory.`);
  }
  if (owner !== undefined) rmSync(path, { force: true });
  let descriptor: number;
  try {
    descriptor = openSync(path, "wx", 0o600);
  } catch (cause) {
    throw new Failure("conflict", `${directory} was taken by another process just now.`, { cause });
  }
  writeSync(descriptor, String(process.pid));
  closeSync(descriptor);
  held.add(path);
  return () => {
    held.delete(path);
    rmSync(path, { force: true });
  };
}

function ownerOf(path: string): number | undefined {
  try {
    return Number(readFileSync(path, "utf8"));
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "ENOENT") return undefined;
    throw error;
  }
}

function isAlive(pid: number): boolean {
  // A lock cut short in the writing names nobody.
  if (!Number.isInteger(pid) || pid <= 0) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    // EPERM: it is there and somebody else's.
    return error instanceof Error && "code" in error && error.code === "EPERM";
  }
}
