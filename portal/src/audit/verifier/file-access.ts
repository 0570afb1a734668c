import type { RandomAccess } from "../../../../core/archive/zip/read-zip.ts";
import { Failure } from "../../../../core/failure.ts";

/** A file on the reader's disk, read a part at a time; `onRead` is told how many bytes each time. */
export function accessTo(file: File, onRead: (bytes: number) => void = () => undefined): RandomAccess {
  return {
    size: file.size,
    read: async (offset, length) => {
      const bytes = new Uint8Array(await file.slice(offset, offset + length).arrayBuffer());
      if (bytes.length !== length) throw new Failure("pack-invalid", "The pack became shorter while it was read.");
      onRead(length);
      return bytes;
    },
  };
}
