const coordinateLength = 32;

/**
 * An ECDSA P-256 signature as WebCrypto takes it, r and s in 32 bytes each, from DER as KMS and X.509 write it
 * (`SEQUENCE { INTEGER r, INTEGER s }`, RFC 3279 section 2.2.3). `undefined` for every other spelling: there is one only.
 */
export function rawFromDer(der: Uint8Array): Uint8Array<ArrayBuffer> | undefined {
  // Two integers of 33 bytes at most: every length fits into one byte.
  if (der[0] !== 0x30 || der[1] !== der.length - 2) return undefined;
  const r = integerAt(der, 2);
  const s = r === undefined ? undefined : integerAt(der, r.end);
  if (r === undefined || s === undefined || s.end !== der.length) return undefined;
  const raw = new Uint8Array(2 * coordinateLength);
  raw.set(r.digits, coordinateLength - r.digits.length);
  raw.set(s.digits, 2 * coordinateLength - s.digits.length);
  return raw;
}

/** A positive integer without its leading zero, and where it ends. */
function integerAt(der: Uint8Array, at: number): { readonly digits: Uint8Array; readonly end: number } | undefined {
  const length = der[at + 1];
  if (der[at] !== 0x02 || length === undefined || length === 0) return undefined;
  const end = at + 2 + length;
  const bytes = der.subarray(at + 2, end);
  const [first = 0x80, second] = bytes;
  if (end > der.length || first >= 0x80) return undefined;
  // A zero in front is there to say that the number is positive, and only where that is in doubt.
  if (first === 0 && (second === undefined || second < 0x80)) return undefined;
  const digits = first === 0 ? bytes.subarray(1) : bytes;
  return digits.length > coordinateLength ? undefined : { digits, end };
}
