import { readFile } from "node:fs/promises";
import { Failure } from "../core/failure.ts";
import { oneLine } from "./terminal-text.ts";

const reasons: Readonly<Record<string, string>> = {
  EACCES: "this user may not",
  EPERM: "this user may not",
  ENOENT: "it is not there",
  EISDIR: "it is a folder",
  ENOTDIR: "a part of its path is no folder",
  EROFS: "it lies where nothing can be written",
  ENOSPC: "there is no room left",
  EDQUOT: "there is no room left",
  EMFILE: "too many files are open",
  EIO: "the disk cannot be read",
};

/** What the machine says of a file, as a refusal in one sentence: doing it again changes nothing. `undefined` for all else. */
export function fileFailure(error: unknown): Failure | undefined {
  if (!(error instanceof Error) || !("syscall" in error)) return undefined;
  const why = reasonOf(error);
  if (why === undefined) return undefined;
  const path = "path" in error && typeof error.path === "string" ? oneLine(error.path, 300) : "A file";
  return new Failure("invalid-request", `${path} cannot be used: ${why}.`, { cause: error });
}

/** Why not, in our words and in the machine's own code; `undefined` of what is no file's. */
function reasonOf(error: unknown): string | undefined {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const reason = reasons[code];
  return reason === undefined ? undefined : `${reason} (${code})`;
}

/** A file that somebody named, whole. Throws `invalid-request` saying why it cannot be read. */
export async function fileBytes(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** The refusal of a file that somebody named and the machine does not give. */
export function unreadable(path: string, cause: unknown): Failure {
  return refused(path, "read", reasonOf(cause), cause);
}

/** The refusal of a file that somebody named, where none can be made. */
export function unwritable(path: string, cause: unknown): Failure {
  const why = reasonOf(cause);
  // What is not there is where the file was to lie: it would be a new one.
  return refused(path, "written", why?.includes("ENOENT") ? "there is no such folder (ENOENT)" : why, cause);
}

function refused(path: string, done: "read" | "written", why: string | undefined, cause: unknown): Failure {
  const sentence = `${oneLine(path, 300)} cannot be ${done}${why === undefined ? "" : `: ${why}`}.`;
  return new Failure("invalid-request", sentence, { cause });
}
