import { fromUtf8, utf8 } from "../encoding/bytes.ts";
import { isSha256, type Sha256 } from "../encoding/sha256.ts";
import { Failure } from "../failure.ts";
import { sumsPath } from "./pack-layout.ts";
import type { PackFile } from "./write-zip.ts";

/** A SHA-256 over bytes as they come; `digest` ends it. A port, because a file may be larger than memory. */
export type StartSha256 = () => { update(bytes: Uint8Array): void; digest(): Sha256 };

/** The files as they are, and behind them `SHA256SUMS` over all of them, in the form of coreutils' sha256sum. */
export async function* withSums(files: AsyncIterable<PackFile>, startSha256: StartSha256): AsyncGenerator<PackFile> {
  const sums: { readonly name: string; readonly digest: Sha256 }[] = [];
  for await (const { name, content } of files) {
    const hash = startSha256();
    if (content instanceof Uint8Array) {
      hash.update(content);
      yield { name, content };
    } else {
      yield { name, content: hashed(content, hash.update) };
    }
    sums.push({ name, digest: hash.digest() });
  }
  yield { name: sumsPath, content: lines(sums) };
}

/** Reads `SHA256SUMS` strictly: digest by name. Throws `pack-invalid`, also for a name given twice. */
export function readSums(bytes: Uint8Array): ReadonlyMap<string, Sha256> {
  const text = textOf(bytes);
  const sums = new Map<string, Sha256>();
  if (!text.endsWith("\n")) throw new Failure("pack-invalid", "SHA256SUMS is cut off.");
  for (const [at, line] of text.slice(0, -1).split("\n").entries()) {
    const [digest, name, ...rest] = line.split("  ");
    if (!isSha256(digest) || name === undefined || name === "" || rest.length > 0) {
      throw new Failure("pack-invalid", `Line ${at + 1} of SHA256SUMS cannot be read.`);
    }
    if (sums.has(name)) throw new Failure("pack-invalid", `SHA256SUMS lists ${name} twice.`);
    sums.set(name, digest);
  }
  return sums;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, update: (bytes: Uint8Array) => void) {
  for await (const chunk of chunks) {
    update(chunk);
    yield chunk;
  }
}

async function* lines(sums: Iterable<{ readonly name: string; readonly digest: Sha256 }>) {
  for (const { name, digest } of sums) yield utf8(`${digest}  ${name}\n`);
}

function textOf(bytes: Uint8Array): string {
  try {
    return fromUtf8(bytes);
  } catch (cause) {
    throw new Failure("pack-invalid", "SHA256SUMS is not text.", { cause });
  }
}
