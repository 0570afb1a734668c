import { appendFileSync, mkdirSync } from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../core/failure.ts";
import { openJsonLines, replaceFile } from "./json-lines.ts";

/** Documents by their names, over restarts. */
export interface KeptDocuments<Kept> {
  readonly all: ReadonlyMap<string, Kept>;
  set(name: string, document: Kept): void;
  delete(name: string): void;
}

/** Lines beyond ten a document, and this many, are written out of the file. */
const spareLines = 1000;

/**
 * Opens the documents at `path`. A change adds a line (`[name, document]`, or `[name]` where it is gone), whole or not at all; what
 * later lines said otherwise is written out on opening. To put the whole file in the place of another at each change has the disk
 * wait for it. `nameOf`: what a line stands for that is a document alone, as they were once.
 */
export function openKeptDocuments<Kept>(path: string, nameOf?: (document: Kept) => string): KeptDocuments<Kept> {
  const { documents, file } = openJsonLines(path);
  file.close();
  const all = new Map<string, Kept>();
  // Written below, by this same store.
  for (const line of documents as readonly (Kept | readonly [string, Kept] | readonly [string])[]) {
    const [name, document] = isEntry(line) ? line : [nameOf?.(line) ?? unnamed(path), line];
    if (document === undefined) all.delete(name);
    else all.set(name, document);
  }
  let lines = documents.length;
  const compact = (): void => {
    replaceFile(path, [...all]);
    lines = all.size;
  };
  if (lines > all.size) compact();
  mkdirSync(dirname(path), { recursive: true });
  const add = (line: readonly [string, Kept] | readonly [string]): void => {
    appendFileSync(path, `${JSON.stringify(line)}\n`, { mode: 0o600 });
    lines += 1;
    if (lines > spareLines + 10 * all.size) compact();
  };
  return {
    all,
    set(name, document) {
      all.set(name, document);
      add([name, document]);
    },
    delete(name) {
      if (all.delete(name)) add([name]);
    },
  };
}

function unnamed(path: string): never {
  throw new Failure("internal", `A line of ${path} names nothing; delete the file to start afresh.`);
}

function isEntry<Kept>(
  line: Kept | readonly [string, Kept] | readonly [string],
): line is readonly [string, Kept] | readonly [string] {
  return Array.isArray(line);
}
