import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { dirname } from "node:path";
import { Failure } from "../core/failure.ts";

/**
 * A file of one JSON document per line that only grows. One `append` is one line: whole or not there at all after
 * the process was killed, since a line cut short by the kill is dropped on opening. It is not flushed to the disk
 * itself: it outlives the process, not the power supply, which is what a local trial asks for.
 */
export interface JsonLines {
  append(document: unknown): void;
  close(): void;
}

/** Opens `path`, makes it where there is none, and gives what it holds. A broken line in the middle is refused. */
export function openJsonLines(path: string): { readonly documents: readonly unknown[]; readonly file: JsonLines } {
  const documents = existsSync(path) ? readDocuments(path) : [];
  mkdirSync(dirname(path), { recursive: true });
  const descriptor = openSync(path, "a", 0o600);
  return {
    documents,
    file: {
      append: (document) => {
        writeSync(descriptor, `${JSON.stringify(document)}\n`);
      },
      close: () => closeSync(descriptor),
    },
  };
}

/** Puts `documents` in the place of what `path` held, in one step. */
export function replaceFile(path: string, documents: readonly unknown[]): void {
  mkdirSync(dirname(path), { recursive: true });
  const next = `${path}.next`;
  writeFileSync(next, documents.map((document) => `${JSON.stringify(document)}\n`).join(""), { mode: 0o600 });
  renameSync(next, path);
}

function readDocuments(path: string): readonly unknown[] {
  const bytes = readFileSync(path);
  const end = bytes.lastIndexOf(0x0a) + 1;
  if (end < bytes.length) truncateSync(path, end);
  const lines = bytes.subarray(0, end).toString("utf8").split("\n").slice(0, -1);
  return lines.map((line, index) => {
    try {
      return JSON.parse(line) as unknown;
    } catch (cause) {
      throw new Failure("internal", `Line ${index + 1} of ${path} is broken; delete the file to start afresh.`, {
        cause,
      });
    }
  });
}
