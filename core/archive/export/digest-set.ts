import { fromHex } from "../../encoding/bytes.ts";
import type { Sha256 } from "../../encoding/sha256.ts";

const digestLength = 32;

/** A set of digests in 64 bytes for each at most: an export remembers every document that it holds. */
export class DigestSet {
  #count = 0;
  #slots = 1024;
  #table = new Uint8Array(this.#slots * digestLength);
  /** A slot of zeros is a free one; the digest that is all zeros stands beside the table. */
  #hasZero = false;

  /** Takes a digest; false where it was there already. */
  add(digest: Sha256): boolean {
    const bytes = fromHex(digest);
    if (bytes.every((byte) => byte === 0)) {
      const isNew = !this.#hasZero;
      this.#hasZero = true;
      return isNew;
    }
    if (this.#count * 2 >= this.#slots) this.#grow();
    if (!this.#put(bytes)) return false;
    this.#count += 1;
    return true;
  }

  has(digest: Sha256): boolean {
    const bytes = fromHex(digest);
    return bytes.every((byte) => byte === 0) ? this.#hasZero : this.#freeSlot(bytes) === undefined;
  }

  #put(bytes: Uint8Array): boolean {
    const free = this.#freeSlot(bytes);
    free?.set(bytes);
    return free !== undefined;
  }

  /** Where a digest belongs; `undefined` where it is there already. */
  #freeSlot(bytes: Uint8Array): Uint8Array | undefined {
    const view = new DataView(bytes.buffer, bytes.byteOffset);
    // Digests are as good as random, so any part of one is a fair hash.
    for (let slot = view.getUint32(0) & (this.#slots - 1); ; slot = (slot + 1) & (this.#slots - 1)) {
      const held = this.#table.subarray(slot * digestLength, (slot + 1) * digestLength);
      if (held.every((byte) => byte === 0)) return held;
      if (held.every((byte, at) => byte === bytes[at])) return undefined;
    }
  }

  #grow(): void {
    const old = this.#table;
    this.#slots *= 2;
    this.#table = new Uint8Array(this.#slots * digestLength);
    for (let at = 0; at < old.length; at += digestLength) {
      const held = old.subarray(at, at + digestLength);
      if (held.some((byte) => byte !== 0)) this.#put(held);
    }
  }
}
