import { Failure } from "../failure.ts";

const encoder = new TextEncoder();
const hexOfByte = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

// A buffer for each text costs eight times what writing it does (measured): short ones share large ones, of which each
// place is given out once.
let page = new Uint8Array(0);
let pageUsed = 0;
const pageLength = 64 * 1024;
const longestShared = 4096;

/** UTF-8 bytes of `text`: a view, of a buffer that may hold others. */
export function utf8(text: string): Uint8Array {
  // No character of UTF-16 takes more than three bytes.
  const most = text.length * 3;
  if (text.length > longestShared) return encoder.encode(text);
  const from = placeFor(most);
  pageUsed += encoder.encodeInto(text, page.subarray(from)).written;
  return page.subarray(from, pageUsed);
}

/** The same bytes, whatever becomes of those that are given: a view, of a buffer that may hold others. */
export function lastingCopy(bytes: Uint8Array): Uint8Array {
  if (bytes.length > longestShared) return bytes.slice();
  const from = placeFor(bytes.length);
  page.set(bytes, from);
  pageUsed += bytes.length;
  return page.subarray(from, pageUsed);
}

/** Where in the page there is room for `most` bytes. */
function placeFor(most: number): number {
  if (pageUsed + most > page.length) {
    page = new Uint8Array(pageLength);
    pageUsed = 0;
  }
  return pageUsed;
}

/** Text of UTF-8 `bytes`; throws `invalid-request` where they are not valid UTF-8. */
export function fromUtf8(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch (cause) {
    throw new Failure("invalid-request", "The bytes are not valid UTF-8 text.", { cause });
  }
}

/** Whether these bytes are what `utf8` makes of a text. */
export function isUtf8Of(bytes: Uint8Array, text: string): boolean {
  try {
    return decoder.decode(bytes) === text.toWellFormed();
  } catch {
    return false;
  }
}

/** Whether two runs of bytes are the same. Not in constant time: for public values only. */
export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i += 1) if (a[i] !== b[i]) return false;
  return true;
}

/** The `parts` in order as one new run of bytes. */
export function concatBytes(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  let length = 0;
  for (const part of parts) length += part.length;
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}

/** Lower-case hexadecimal of `bytes`. */
export function hex(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += hexOfByte[byte];
  return text;
}

/** Bytes of lower-case hexadecimal; throws `invalid-request` for any other text. */
export function fromHex(text: string): Uint8Array {
  if (!/^(?:[0-9a-f]{2})*$/.test(text)) throw new Failure("invalid-request", "The text is not lower-case hexadecimal.");
  return Uint8Array.from(text.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
