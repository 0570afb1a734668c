import type { RandomAccess } from "../../../../core/archive/zip/read-zip.ts";
import { Failure } from "../../../../core/failure.ts";

// A pack has many small files, and each reading of a browser's file is a message to another process and back, which
// takes longer than reading: so pieces are read and kept, each in the one place that it can be in. A pack is written in
// the order in which most of it is read.
const pieceLength = 256 * 1024;
const places = 64;

/** A file on the reader's disk, read a part at a time; `onRead` is told how many bytes each time. */
export function accessTo(file: File, onRead: (bytes: number) => void = () => undefined): RandomAccess {
  const pieces: { readonly number: number; readonly bytes: Promise<Uint8Array> }[] = [];
  const pieceAt = (number: number): Promise<Uint8Array> => {
    const held = pieces[number % places];
    if (held?.number === number) return held.bytes;
    const begin = number * pieceLength;
    const bytes = bytesOf(file, begin, Math.min(pieceLength, file.size - begin));
    pieces[number % places] = { number, bytes };
    return bytes;
  };
  return {
    size: file.size,
    read: async (offset, length) => {
      const number = Math.floor(offset / pieceLength);
      const at = offset - number * pieceLength;
      const bytes =
        at + length <= pieceLength && offset + length <= file.size
          ? (await pieceAt(number)).slice(at, at + length)
          : await bytesOf(file, offset, length);
      onRead(length);
      return bytes;
    },
  };
}

async function bytesOf(file: File, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
  if (bytes.length !== length) throw new Failure("pack-invalid", "The pack became shorter while it was read.");
  return bytes;
}
