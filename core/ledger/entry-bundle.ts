import { Failure } from "../failure.ts";
import { tileWidth } from "./tiles.ts";

/** The longest entry a bundle can carry: its length is a uint16. */
export const maxEntryBytes = 65_535;

/** Entries as a bundle: each a big-endian uint16 length and the bytes (https://c2sp.org/tlog-tiles, 'Log entries'). */
export function encodeBundle(entries: readonly Uint8Array[]): Uint8Array {
  let length = 0;
  for (const entry of entries) {
    if (entry.length > maxEntryBytes) {
      throw new Failure(
        "ledger-invalid",
        `An entry of ${entry.length} bytes is longer than the ${maxEntryBytes} allowed.`,
      );
    }
    length += 2 + entry.length;
  }
  const bundle = new Uint8Array(length);
  let offset = 0;
  for (const entry of entries) {
    bundle[offset] = entry.length >>> 8;
    bundle[offset + 1] = entry.length & 0xff;
    bundle.set(entry, offset + 2);
    offset += 2 + entry.length;
  }
  return bundle;
}

/** The `count` entries of a bundle, as views of its bytes. Throws `ledger-invalid` where it holds more, fewer or a cut-off one. */
export function decodeBundle(bundle: Uint8Array, count: number): readonly Uint8Array[] {
  if (count > tileWidth) throw new Failure("ledger-invalid", `A bundle holds ${tileWidth} entries at most.`);
  const entries: Uint8Array[] = [];
  let offset = 0;
  while (offset < bundle.length) {
    const [high, low] = [bundle[offset], bundle[offset + 1]];
    if (high === undefined || low === undefined) throw cutOff();
    const end = offset + 2 + high * 256 + low;
    if (end > bundle.length) throw cutOff();
    entries.push(bundle.subarray(offset + 2, end));
    offset = end;
    if (entries.length > count) throw new Failure("ledger-invalid", `The bundle holds more than its ${count} entries.`);
  }
  if (entries.length < count) {
    throw new Failure("ledger-invalid", `The bundle holds ${entries.length} entries instead of ${count}.`);
  }
  return entries;
}

function cutOff(): Failure {
  return new Failure("ledger-invalid", "The bundle ends in the middle of an entry.");
}
