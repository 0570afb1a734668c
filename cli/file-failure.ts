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
