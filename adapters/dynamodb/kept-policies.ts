import { brotliCompressSync, constants } from "node:zlib";
import { Failure } from "../../core/failure.ts";
import { largestBundle, type PolicyBundle, packBundle } from "../../core/policy/policy-bundle.ts";

/** An item has 400 KB at most, and says more than the bytes. */
const largestItem = 380 * 1024;

/** The highest quality makes a tenth less of the policies that come with Countersign (94 KB, and not 105), and takes forty times as long. */
const params = { [constants.BROTLI_PARAM_QUALITY]: 9 };

/** A version of the policies as the table keeps it. Throws `invalid-policy` where it is too large. */
export function compressed(bundle: PolicyBundle): Uint8Array {
  const packed = packBundle(bundle);
  // Larger ones could not be read again.
  if (packed.byteLength > largestBundle)
    throw new Failure("invalid-policy", `The policies have ${packed.byteLength} bytes; at most ${largestBundle} work.`);
  const brotli = new Uint8Array(brotliCompressSync(packed, { params }));
  if (brotli.byteLength > largestItem)
    throw new Failure(
      "invalid-policy",
      `The policies have ${brotli.byteLength} bytes once they are compressed; at most ${largestItem} can be kept.`,
    );
  return brotli;
}

/** Throws `invalid-policy` for a version that is too large to be kept: nobody need sign for it, or deploy it, first. */
export function requireKeepable(bundle: PolicyBundle): void {
  compressed(bundle);
}
