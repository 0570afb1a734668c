import { crc32 } from "./crc32.ts";
import { memorySpool, type Spool } from "./spool.ts";
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
 * The files as a zip, as a stream of bytes: the same files give the same zip. Holds one file at a time; the directory's
 * rows, one for each, wait in `directory`.
 */
export async function* writeZip(
  files: AsyncIterable<PackFile>,
  directory: Spool = memorySpool(),
): AsyncGenerator<Uint8Array> {
  try {
    let entries = 0;
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
      await directory.append(directoryHeader(entry));
      entries += 1;
    }
    let size = 0;
    for await (const rows of directory.read()) {
      size += rows.length;
      yield rows;
    }
    yield endRecords({ entries, size, offset });
  } finally {
    await directory.close();
  }
}
