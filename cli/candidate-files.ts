import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { realpath, stat } from "node:fs/promises";
import { isAbsolute, join, relative, sep } from "node:path";
import * as v from "valibot";
import type { Sha256 } from "../core/encoding/sha256.ts";
import { Failure } from "../core/failure.ts";

/** One file of the candidate on this machine. */
export interface FoundFile {
  readonly name: string;
  /** Where it lies below the folder, with `/`. */
  readonly path: string;
  readonly location: string;
  readonly mediaType: string;
  readonly size: number;
  readonly declared: { readonly size?: unknown; readonly sha256?: unknown };
}

/** The same, measured. */
export interface CandidateFile extends Omit<FoundFile, "declared"> {
  readonly sha256: Sha256;
}

const declared = v.looseObject({
  name: v.string(),
  mediaType: v.string(),
  /** Where the file lies in the folder; its name where this is not given. */
  path: v.optional(v.string()),
  size: v.optional(v.unknown()),
  sha256: v.optional(v.unknown()),
});
const draft = v.looseObject({ artifacts: v.array(declared), evidence: v.array(declared) });

/** A request whose files are still to be measured and uploaded. */
export type DraftRequest = v.InferOutput<typeof draft>;

/** Reads a request as far as its files go. Throws `invalid-request`. */
export function draftRequest(value: unknown): DraftRequest {
  const result = v.safeParse(draft, value);
  if (result.success) return result.output;
  const [issue] = result.issues;
  const place = v.getDotPath(issue) ?? "the file";
  const what = issue.received === "undefined" ? "missing" : "not right";
  throw new Failure(
    "invalid-request",
    `The request cannot be read: ${place} is ${what}; 'artifacts' and 'evidence' are lists of files, each with a name and a mediaType.`,
  );
}

/** Whether a request leaves it to `--upload` to say what its files are, or where. */
export function isUnmeasured(request: unknown): boolean {
  const { success, output } = v.safeParse(draft, request);
  return (
    success &&
    [...output.artifacts, ...output.evidence].some((file) =>
      ["size", "sha256", "uri"].some((member) => file[member] === undefined),
    )
  );
}

/** Finds the files that a request names below `folder`. Throws `invalid-request` for one that is not there, lies outside or is empty. */
export async function foundFiles(request: DraftRequest, folder: string): Promise<readonly FoundFile[]> {
  const files: FoundFile[] = [];
  for (const { name, path = name, mediaType, ...declared } of [...request.artifacts, ...request.evidence]) {
    const location = await fileIn(folder, path, name);
    const { size } = await stat(location);
    // Whoever judges it would say of what is in it that it is missing.
    if (size === 0) throw new Failure("invalid-request", `The file '${path}' for '${name}' in ${folder} is empty.`);
    files.push({ name, path, location, mediaType, size, declared });
  }
  return files;
}

/** Measures files. Throws `digest-mismatch` for one that is not what the request says already. */
export async function measuredFiles(files: readonly FoundFile[]): Promise<readonly CandidateFile[]> {
  const all: CandidateFile[] = [];
  for (const { declared, ...file } of files) {
    const { size, sha256 } = await measured(file.location);
    if (isOther(declared.sha256, sha256) || isOther(declared.size, size))
      throw new Failure(
        "digest-mismatch",
        `The file '${file.name}' is not the one that the request declares: it has ${size} bytes and hashes to ${sha256}.`,
      );
    all.push({ ...file, size, sha256 });
  }
  return all;
}

function isOther(said: unknown, is: unknown): boolean {
  return said !== undefined && said !== is;
}

/** The request with what was measured and where each file lies now. */
export function completedRequest(
  request: DraftRequest,
  uploaded: ReadonlyMap<
    string,
    { readonly file: Pick<CandidateFile, "size" | "sha256">; readonly uri: string; readonly versionId?: string }
  >,
): unknown {
  const complete = ({ path: _, ...entry }: DraftRequest["artifacts"][number]) => {
    const found = uploaded.get(entry.name);
    if (found === undefined) return entry;
    const { file, uri, versionId } = found;
    return { ...entry, size: file.size, sha256: file.sha256, uri, ...(versionId === undefined ? {} : { versionId }) };
  };
  return { ...request, artifacts: request.artifacts.map(complete), evidence: request.evidence.map(complete) };
}

/** Where a file of a candidate lies below a folder. Throws `invalid-request` where it is not there or lies outside. */
export async function fileIn(folder: string, path: string, name: string): Promise<string> {
  let root: string;
  let location: string;
  try {
    root = await realpath(folder);
    location = await realpath(join(root, path));
    if (!(await stat(location)).isFile()) throw new Error("not a file");
  } catch (cause) {
    throw new Failure("invalid-request", `There is no file '${path}' in ${folder} for '${name}'.`, { cause });
  }
  // Also after symbolic links: a request must not be able to publish any other file of the machine.
  const inside = relative(root, location);
  if (isAbsolute(path) || isAbsolute(inside) || inside.split(sep).includes("..")) {
    throw new Failure("invalid-request", `The file '${path}' for '${name}' lies outside ${folder}.`);
  }
  return location;
}

async function measured(location: string): Promise<{ readonly size: number; readonly sha256: Sha256 }> {
  const hash = createHash("sha256");
  let size = 0;
  for await (const chunk of createReadStream(location) as AsyncIterable<Buffer>) {
    hash.update(chunk);
    size += chunk.length;
  }
  return { size, sha256: hash.digest("hex") as Sha256 };
}
