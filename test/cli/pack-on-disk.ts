import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { onTestFinished } from "vitest";
import { writeZip } from "../../core/archive/zip/write-zip.ts";
import { collected, type Files } from "../core/archive/pack-fixture.ts";

/** A folder that is gone when the test is. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "countersign-pack-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

export function zipOf(files: Files): Promise<Uint8Array> {
  const each = async function* () {
    for (const [name, content] of files) yield { name, content };
  };
  return collected(writeZip(each()));
}

export async function zipOnDisk(files: Files): Promise<string> {
  const path = join(temporaryFolder(), "audit-pack.zip");
  writeFileSync(path, await zipOf(files));
  return path;
}

/** The pack as it lies after unzipping. */
export function folderOnDisk(files: Files): string {
  const folder = temporaryFolder();
  for (const [name, bytes] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), bytes);
  }
  return folder;
}
