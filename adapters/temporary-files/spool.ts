import { randomUUID } from "node:crypto";
import { type FileHandle, open, unlink } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OpenSpool } from "../../core/archive/zip/spool.ts";

/** So many bytes are written, and read, at a time. */
const pieceLength = 256 * 1024;

/**
 * A spool on disk. Its file loses its name as soon as it is open, so that nothing is left behind however the process
 * ends, and nobody else can read it.
 */
export const fileSpool: OpenSpool = () => {
  let file: FileHandle | undefined;
  const held: Uint8Array[] = [];
  let length = 0;
  const flush = async (): Promise<FileHandle> => {
    file ??= await openNameless();
    // Writes on until all of it is there, or says that there is no room: `writev` may write a part of it and say nothing.
    await file.writeFile(Buffer.concat(held.splice(0)));
    length = 0;
    return file;
  };
  return {
    async append(bytes) {
      held.push(bytes);
      length += bytes.length;
      if (length >= pieceLength) await flush();
    },
    async *read() {
      const written = await flush();
      for (let position = 0; ; ) {
        const { bytesRead, buffer } = await written.read(new Uint8Array(pieceLength), 0, pieceLength, position);
        if (bytesRead === 0) return;
        position += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    },
    close: async () => await file?.close(),
  };
};

async function openNameless(): Promise<FileHandle> {
  const path = join(tmpdir(), `countersign-${randomUUID()}`);
  const file = await open(path, "wx+", 0o600);
  await unlink(path);
  return file;
}
