import { brotliCompressSync, brotliDecompressSync, constants } from "node:zlib";
import type { Promotion } from "../../core/promotion/promotion.ts";

// An item has 400 KB at most, and a promotion keeps what is said of each sign-off that was kept for it or fell: of a thousand
// people that is more. Compressed it is a sixth, and what is read at a glance stays readable where few signed.

/** In bytes of JSON: what is longer is compressed. */
const longestPlain = 128 * 1024;
const largest = 64 * 1024 * 1024;
/** Quick, and with a window over all of it: the same digests stand in it time and again. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 5, [constants.BROTLI_PARAM_LGWIN]: 22 };

/** A promotion as its item has it: as it is, or, where it is long, its JSON compressed. */
export function packedPromotion(promotion: Promotion): Promotion | Uint8Array {
  const json = JSON.stringify(promotion);
  return Buffer.byteLength(json) <= longestPlain ? promotion : new Uint8Array(brotliCompressSync(json, { params }));
}

/** The promotion of an item. The stream tells bytes in base64. */
export function unpackedPromotion(document: unknown): Promotion {
  const packed = typeof document === "string" ? Buffer.from(document, "base64") : document;
  if (!(packed instanceof Uint8Array)) return document as Promotion;
  return JSON.parse(brotliDecompressSync(packed, { maxOutputLength: largest }).toString("utf8")) as Promotion;
}
