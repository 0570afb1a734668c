import { hex } from "./bytes.ts";

/** SubjectPublicKeyInfo of P-256 up to the point, which is told whole (RFC 5480 section 2): as KMS answers it. */
const beforePoint = "3059301306072a8648ce3d020106082a8648ce3d030107034200" + "04";
const prime = 2n ** 256n - 2n ** 224n + 2n ** 192n + 2n ** 96n - 1n;
const b = 0x5ac635d8aa3a93e7b3ebbd55769886bc651d06b0cc53b0f63bce3c3e27d2604bn;

/**
 * Whether bytes are a public key of P-256: whoever makes a pack chooses them, and a library may throw in its own way at a point that
 * is not on the curve.
 */
export function isP256Key(spki: Uint8Array): boolean {
  const text = hex(spki);
  if (text.length !== beforePoint.length + 128 || !text.startsWith(beforePoint)) return false;
  const [x, y] = [text.slice(-128, -64), text.slice(-64)].map((half) => BigInt(`0x${half}`));
  if (x === undefined || y === undefined || x >= prime || y >= prime) return false;
  return (y * y - (x * x * x - 3n * x + b)) % prime === 0n;
}
