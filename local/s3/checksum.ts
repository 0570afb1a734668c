import { createHash } from "node:crypto";
import { crc32 } from "node:zlib";

import { S3Error } from "./error.ts";

/** The checksum algorithms carried here: https://docs.aws.amazon.com/AmazonS3/latest/userguide/checking-object-integrity.html */
const checksumAlgorithms = ["crc32", "crc64nvme", "sha1", "sha256"] as const;
export type ChecksumAlgorithm = (typeof checksumAlgorithms)[number];

/** Checksums as S3 writes them: base64, with `-parts` behind where they are composite. */
export type Checksums = Readonly<Partial<Record<ChecksumAlgorithm, string>>>;

/** A digest that takes bytes as they pass. */
export interface RunningDigest {
  update(bytes: Uint8Array): void;
  digest(): Buffer;
}

/** A running digest of `algorithm`, MD5 included (S3's ETag and Content-MD5). */
export function runningDigest(algorithm: ChecksumAlgorithm | "md5"): RunningDigest {
  if (algorithm === "crc64nvme") return new Crc64Nvme();
  if (algorithm === "crc32") {
    let state = 0;
    return {
      update: (bytes) => {
        state = crc32(bytes, state);
      },
      digest: () => {
        const bytes = Buffer.alloc(4);
        bytes.writeUInt32BE(state);
        return bytes;
      },
    };
  }
  const hash = createHash(algorithm);
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() };
}

/**
 * The checksums that a client declared in `x-amz-checksum-*` headers or trailers. Refuses an algorithm that is not
 * carried here (a checksum that nobody compares would be a false promise) and more than one, as S3 does.
 */
export function declaredChecksums(headers: Iterable<readonly [string, string]>): Checksums {
  const found: Partial<Record<ChecksumAlgorithm, string>> = {};
  for (const [name, value] of headers) {
    const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
    if (algorithm === undefined || ["algorithm", "mode", "type"].includes(algorithm)) continue;
    found[checksumAlgorithm(algorithm)] = value;
  }
  if (Object.keys(found).length > 1) {
    throw new S3Error(400, "InvalidRequest", "Expecting a single x-amz-checksum- header. Multiple were given.");
  }
  return found;
}

/** Narrows the name of an algorithm, in any case; refuses what is not carried here. */
export function checksumAlgorithm(name: string): ChecksumAlgorithm {
  const algorithm = checksumAlgorithms.find((known) => known === name.toLowerCase());
  if (algorithm === undefined) {
    throw new S3Error(501, "NotImplemented", `The checksum algorithm ${name} is not implemented by the local S3.`);
  }
  return algorithm;
}

// Polynomial 0xAD93D23594C93659 (NVM Express), reflected; in two halves, because JavaScript's fast integers have 32 bits.
const [tableHigh, tableLow] = crc64Table(0x9a6c9329, 0xac4bc9b5);

class Crc64Nvme implements RunningDigest {
  #high = 0xffffffff;
  #low = 0xffffffff;

  update(bytes: Uint8Array): void {
    let high = this.#high;
    let low = this.#low;
    for (const byte of bytes) {
      const at = (low ^ byte) & 0xff;
      low = ((low >>> 8) | (high << 24)) ^ (tableLow[at] ?? 0);
      high = (high >>> 8) ^ (tableHigh[at] ?? 0);
    }
    this.#high = high >>> 0;
    this.#low = low >>> 0;
  }

  digest(): Buffer {
    const bytes = Buffer.alloc(8);
    bytes.writeUInt32BE(~this.#high >>> 0, 0);
    bytes.writeUInt32BE(~this.#low >>> 0, 4);
    return bytes;
  }
}

function crc64Table(polynomialHigh: number, polynomialLow: number): readonly [Uint32Array, Uint32Array] {
  const highs = new Uint32Array(256);
  const lows = new Uint32Array(256);
  for (let byte = 0; byte < 256; byte++) {
    let high = 0;
    let low = byte;
    for (let bit = 0; bit < 8; bit++) {
      const odd = low & 1;
      low = ((low >>> 1) | (high << 31)) ^ (odd ? polynomialLow : 0);
      high = (high >>> 1) ^ (odd ? polynomialHigh : 0);
    }
    highs[byte] = high;
    lows[byte] = low;
  }
  return [highs, lows];
}
