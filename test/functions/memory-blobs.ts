import { type Sha256, sha256Hex } from "../../core/encoding/sha256.ts";
import { Failure } from "../../core/failure.ts";

/** Blobs under their digests, in memory. */
export class MemoryBlobs {
  readonly #blobs = new Map<Sha256, Uint8Array>();

  constructor(blobs: readonly Uint8Array[] = []) {
    for (const bytes of blobs) this.#blobs.set(sha256Hex(bytes), bytes);
  }

  has(sha256: Sha256): boolean {
    return this.#blobs.has(sha256);
  }

  readonly put = async (bytes: Uint8Array): Promise<Sha256> => {
    const sha256 = sha256Hex(bytes);
    this.#blobs.set(sha256, bytes);
    return sha256;
  };

  readonly get = async (sha256: Sha256): Promise<Uint8Array> => {
    const bytes = this.#blobs.get(sha256);
    if (bytes === undefined) throw new Failure("ledger-invalid", `There is no blob ${sha256}.`);
    return bytes;
  };
}
