import { type OpenedZip, openZip } from "../../../core/archive/zip/read-zip.ts";
import { type PackFile, writeZip } from "../../../core/archive/zip/write-zip.ts";
import { collected } from "./memory-pack.ts";

export async function* each<Item>(items: Iterable<Item>): AsyncGenerator<Item> {
  yield* items;
}

/** The bytes of the zip that holds these files. */
export function zipped(files: readonly PackFile[]): Promise<Uint8Array> {
  return collected(writeZip(each(files)));
}

/** The zip in these bytes, as a pack's reader opens it. */
export function opened(bytes: Uint8Array): Promise<OpenedZip> {
  return openZip({ size: bytes.length, read: async (offset, length) => bytes.subarray(offset, offset + length) });
}
