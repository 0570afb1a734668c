import { concatBytes, utf8 } from "../../encoding/bytes.ts";
import type { Sha256 } from "../../encoding/sha256.ts";
import { Failure } from "../../failure.ts";
import type { Spool } from "../zip/spool.ts";
import type { PackFile } from "../zip/write-zip.ts";
import { plainText } from "../zip/zip-headers.ts";
import { sumsPath } from "./pack-layout.ts";

/** A SHA-256 over bytes as they come; `digest` ends it. A port, because a file may be larger than memory. */
export type StartSha256 = () => { update(bytes: Uint8Array): void; digest(): Sha256 };

/** The files as they are, and behind them `SHA256SUMS` over all of them, in the form of coreutils' sha256sum. */
export async function* withSums(
  files: AsyncIterable<PackFile>,
  startSha256: StartSha256,
  sums: Spool,
): AsyncGenerator<PackFile> {
  try {
    for await (const { name, content } of files) {
      const hash = startSha256();
      if (content instanceof Uint8Array) {
        hash.update(content);
        yield { name, content };
      } else {
        yield { name, content: hashed(content, hash.update) };
      }
      await sums.append(utf8(`${hash.digest()}  ${name}\n`));
    }
    yield { name: sumsPath, content: sums.read() };
  } finally {
    await sums.close();
  }
}

/** One line of `SHA256SUMS`: the digest's bytes, and the name. */
export interface SumsLine {
  readonly digest: Uint8Array;
  readonly name: string;
}

/** No line is longer: a digest, two blanks and a name. */
const longestLine = 64 + 2 + 200;

/** Reads `SHA256SUMS` strictly and line by line: it may have millions. Throws `pack-invalid`. */
export async function* readSums(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<SumsLine> {
  let rest = new Uint8Array();
  let number = 0;
  for await (const chunk of chunks) {
    const bytes = rest.length === 0 ? chunk : concatBytes([rest, chunk]);
    let at = 0;
    for (let end = bytes.indexOf(newline, at); end >= 0; end = bytes.indexOf(newline, at)) {
      number += 1;
      const line = lineOf(bytes, at, end);
      if (line === undefined) throw new Failure("pack-invalid", `Line ${number} of SHA256SUMS cannot be read.`);
      yield line;
      at = end + 1;
    }
    rest = bytes.slice(at);
    if (rest.length > longestLine)
      throw new Failure("pack-invalid", `Line ${number + 1} of SHA256SUMS cannot be read.`);
  }
  if (rest.length > 0 || number === 0) throw new Failure("pack-invalid", "SHA256SUMS is cut off.");
}

const newline = 0x0a;
const blank = 0x20;

function lineOf(bytes: Uint8Array, from: number, to: number): SumsLine | undefined {
  const nameAt = from + 66;
  if (to <= nameAt || to - from > longestLine || bytes[from + 64] !== blank || bytes[from + 65] !== blank) {
    return undefined;
  }
  const digest = new Uint8Array(32);
  for (let i = 0; i < 32; i += 1) {
    const [high, low] = [hexDigit(bytes[from + 2 * i]), hexDigit(bytes[from + 2 * i + 1])];
    if (high < 0 || low < 0) return undefined;
    digest[i] = high * 16 + low;
  }
  return { digest, name: plainText(bytes, nameAt, to - nameAt) };
}

function hexDigit(byte = 0): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  return byte >= 0x61 && byte <= 0x66 ? byte - 0x57 : -1;
}

async function* hashed(chunks: AsyncIterable<Uint8Array>, update: (bytes: Uint8Array) => void) {
  for await (const chunk of chunks) {
    update(chunk);
    yield chunk;
  }
}
