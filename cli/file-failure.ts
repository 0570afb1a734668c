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
  if (!(error instanceof Error) || !("code" in error) || !("syscall" in error)) return undefined;
  const reason = reasons[String(error.code)];
  if (reason === undefined) return undefined;
  const path = "path" in error && typeof error.path === "string" ? oneLine(error.path, 300) : "A file";
  return new Failure("invalid-request", `${path} cannot be used: ${reason} (${error.code}).`, { cause: error });
}

/** A file that somebody named, whole. Throws `invalid-request` saying why it cannot be read. */
export async function fileBytes(path: string): Promise<Uint8Array> {
  return await readFile(path).catch((cause: unknown) => {
    throw unreadable(path, cause);
  });
}

/** The refusal of a file that somebody named and the machine does not give. */
export function unreadable(path: string, cause: unknown): Failure {
  const code = cause instanceof Error && "code" in cause ? reasons[String(cause.code)] : undefined;
  return new Failure(
    "invalid-request",
    `${oneLine(path, 300)} cannot be read${code === undefined ? "" : `: ${code}`}.`,
    { cause },
  );
}
