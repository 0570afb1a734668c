import { hex } from "./bytes.ts";

/** y of the points of which eight times is nothing, little-endian: under a key of one of them whoever likes has signed much, or all. */
const ofSmallOrder: ReadonlySet<string> = new Set([
  "0100000000000000000000000000000000000000000000000000000000000000",
  "0000000000000000000000000000000000000000000000000000000000000000",
  "ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
]);

/**
 * Whether 32 bytes may be a key of Ed25519, or the first half of a signature: y below the prime, and not of small order. RFC 8032
 * leaves both to who verifies, and libraries differ by their version; whoever makes a key or signs comes upon neither.
 */
export function isPointOfLargeOrder(point: Uint8Array): boolean {
  if (point.length !== 32) return false;
  const y = Uint8Array.from(point);
  y[31] = (y[31] ?? 0) & 0x7f;
  // The prime is 2^255 − 19: what is not below it has ones all over, but in its last five bits.
  const tooLarge = y[31] === 0x7f && y.subarray(1, 31).every((byte) => byte === 0xff) && (y[0] ?? 0) >= 0xed;
  return !tooLarge && !ofSmallOrder.has(hex(y));
}

/** Whether everybody comes to the same about a signature by this key. */
export function isSoundEd25519(publicKey: Uint8Array, signature: Uint8Array): boolean {
  return signature.length === 64 && isPointOfLargeOrder(publicKey) && isPointOfLargeOrder(signature.subarray(0, 32));
}
