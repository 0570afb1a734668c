import { crc32 } from "./crc32.ts";
import {
  dataDescriptor,
  directoryHeader,
  endRecords,
  localHeader,
  requireEntrySize,
  type ZipEntry,
} from "./zip-layout.ts";

/** A file on its way into a pack: its bytes, or a stream of them where they are too many to hold. */
export interface PackFile {
  readonly name: string;
  readonly content: Uint8Array | AsyncIterable<Uint8Array>;
}

/**
 * The files as a zip, as a stream of bytes: the same files give the same zip. Holds one file at a time, and for each
 * a row of the directory.
 */
export async function* writeZip(files: AsyncIterable<PackFile>): AsyncGenerator<Uint8Array> {
  const entries: ZipEntry[] = [];
  let offset = 0;
  for await (const { name, content } of files) {
    const begin = offset;
    let entry: ZipEntry;
    if (content instanceof Uint8Array) {
      entry = { name, offset: begin, size: content.length, crc: crc32(content), streamed: false };
      const header = localHeader(entry);
      yield header;
      yield content;
      offset += header.length + content.length;
    } else {
      let size = 0;
      let crc = 0;
      const header = localHeader({ name, size, crc, streamed: true });
      yield header;
      for await (const chunk of content) {
        size += chunk.length;
        crc = crc32(chunk, crc);
        yield chunk;
      }
      entry = { name, offset: begin, size, crc, streamed: true };
      const behind = dataDescriptor(entry);
      yield behind;
      offset += header.length + size + behind.length;
    }
    requireEntrySize(name, entry.size);
    entries.push(entry);
  }
  let size = 0;
  for (const entry of entries) {
    const row = directoryHeader(entry);
    size += row.length;
    yield row;
  }
  yield endRecords({ entries: entries.length, size, offset });
}
