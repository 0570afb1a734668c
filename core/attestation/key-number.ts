import { base64url, fromBase64url } from "../encoding/base64.ts";
import { Failure } from "../failure.ts";

const coordinateBytes = 32;

/**
 * A number of a JSON Web Key in the one spelling of RFC 7518 (6.2.1.2, 6.3.1.1), however a provider wrote it: without padding, those of
 * RSA without zeros before them, a coordinate of P-256 in 32 bytes. A text that is no number of a key stays as it is.
 */
export function spelledKeyNumber(kty: string, written: unknown): string | undefined {
  const text = typeof written === "string" ? written.replace(/=+$/, "") : undefined;
  if (text === undefined || (kty !== "RSA" && kty !== "EC")) return text;
  const bytes = keyNumberBytes(text);
  if (bytes === undefined) return text;
  const from = bytes.findIndex((byte) => byte !== 0);
  const number = bytes.subarray(from < 0 ? bytes.length : from);
  if (kty === "RSA" || number.length > coordinateBytes) return base64url(number);
  const coordinate = new Uint8Array(coordinateBytes);
  coordinate.set(number, coordinateBytes - number.length);
  return base64url(coordinate);
}

/** The bytes of a number of a key, padded or not; undefined where it is none, such as one that JSON has as a number. */
export function keyNumberBytes(text: unknown): Uint8Array | undefined {
  if (typeof text !== "string" || text === "") return undefined;
  try {
    return fromBase64url(text.replace(/=+$/, ""));
  } catch (error) {
    if (!(error instanceof Failure)) throw error;
    return undefined;
  }
}
