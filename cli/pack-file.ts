import { createReadStream } from "node:fs";
import { type FileHandle, lstat, open, readdir } from "node:fs/promises";
import { join } from "node:path";
import type { PackSource } from "../core/archive/pack-source.ts";
import { isSafeName, type OpenedZip, openZip } from "../core/archive/read-zip.ts";
import { Failure } from "../core/failure.ts";

/**
 * Opens a pack, as a zip or as the folder it was unpacked into, and closes it when `use` is done. Nothing is unpacked
 * onto the disk. Throws `invalid-request` where there is no such file.
 */
export async function withPack<Value>(path: string, use: (pack: OpenedZip) => Promise<Value>): Promise<Value> {
  const status = await lstat(path).catch((cause: unknown) => {
    throw new Failure("invalid-request", `${path} cannot be read.`, { cause });
  });
  if (status.isDirectory()) return await use(await openFolder(path));
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    return await use(await openZip({ size, read: (offset, length) => readExactly(handle, offset, length) }));
  } finally {
    await handle.close();
  }
}

async function readExactly(handle: FileHandle, offset: number, length: number): Promise<Uint8Array> {
  const bytes = new Uint8Array(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, offset + at);
    if (bytesRead === 0) throw new Failure("pack-invalid", "The pack became shorter while it was read.");
    at += bytesRead;
  }
  return bytes;
}

async function openFolder(folder: string): Promise<OpenedZip> {
  const sizes = new Map<string, number>();
  const refused = await walk(folder, "", sizes);
  if (refused !== undefined) return { kind: "refused", sentence: refused };
  const source: PackSource = {
    names: [...sizes.keys()],
    sizeOf: (name) => sizes.get(name),
    problems: () => [],
    async *chunks(name) {
      if (sizes.has(name)) yield* createReadStream(join(folder, name)) as AsyncIterable<Uint8Array>;
    },
  };
  return { kind: "opened", source };
}

/** Files below a folder by their path from it; why the folder is refused, where it is. */
async function walk(folder: string, below: string, sizes: Map<string, number>): Promise<string | undefined> {
  for (const { name } of await readdir(join(folder, below), { withFileTypes: true })) {
    const path = below === "" ? name : `${below}/${name}`;
    // Asked of the entry itself: a link could lead anywhere.
    const status = await lstat(join(folder, path));
    if (!isSafeName(path) || !(status.isFile() || status.isDirectory())) {
      return `The folder holds something that no pack has: ${JSON.stringify(path.slice(0, 80))}.`;
    }
    if (status.isFile()) sizes.set(path, status.size);
    const refused = status.isDirectory() ? await walk(folder, path, sizes) : undefined;
    if (refused !== undefined) return refused;
  }
  return undefined;
}
