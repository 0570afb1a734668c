import { describe, expect, it } from "vitest";
import {
  entryAt,
  indexDirectory,
  isBelow,
  nameAt,
  type ReadDirectory,
  rowNamed,
  type ZipRows,
} from "../../../../core/archive/zip/zip-directory.ts";
import {
  directoryHeader,
  localHeaderLength,
  type ZipDirectory,
  type ZipEntry,
} from "../../../../core/archive/zip/zip-layout.ts";
import { concatBytes } from "../../../../core/encoding/bytes.ts";

const names = ["a.txt", "records/0.json", "verify.sh"];
/** Files of ten bytes each, one after the other; the last was written as a stream. */
function entriesOf(of: readonly string[], over: (entry: ZipEntry) => Partial<ZipEntry> = () => ({})): ZipEntry[] {
  let offset = 0;
  return of.map((name, at) => {
    const plain = { name, offset, size: 10, crc: 7, streamed: at === of.length - 1 };
    const entry = { ...plain, ...over(plain) };
    offset += localHeaderLength + name.length + 10 + (entry.streamed ? 16 : 0);
    return entry;
  });
}
/** The directory of these files, and where each would begin that comes next. */
function directoryOf(entries: readonly ZipEntry[], over: Partial<ZipDirectory> = {}) {
  const bytes = concatBytes(entries.map(directoryHeader));
  const last = entries.at(-1);
  const offset =
    last === undefined ? 0 : last.offset + localHeaderLength + last.name.length + last.size + (last.streamed ? 16 : 0);
  const read: ReadDirectory = (at, length) => {
    if (at < 0 || at + length > bytes.length) throw new Error("Nothing is there.");
    return bytes.subarray(at, at + length);
  };
  return { read, directory: { entries: entries.length, size: bytes.length, offset, ...over } };
}
function indexed(entries: readonly ZipEntry[], over: Partial<ZipDirectory> = {}): Omit<ZipRows, "copy"> | string {
  const { read, directory } = directoryOf(entries, over);
  return indexDirectory(read, directory);
}

describe("a zip's directory", () => {
  it("finds every file by its name, and what its row says", () => {
    const entries = entriesOf(names);
    const { read, directory } = directoryOf(entries);
    const rows = indexDirectory(read, directory);
    if (typeof rows === "string") throw new Error(rows);
    expect(rows.offset).toBe(directory.offset);
    for (const [row, name] of names.entries()) {
      expect(rowNamed(rows, read, name)).toBe(row);
      expect(nameAt(rows, read, row)).toBe(name);
      expect(entryAt(rows, read, row, name)).toEqual(entries[row]);
    }
    for (const name of ["b.txt", "a.tx", "a.txt ", ""]) expect(rowNamed(rows, read, name)).toBeUndefined();
  });

  it("is in buffers that whoever asked for it makes: nine bytes a file, and four a slot", () => {
    const made: number[] = [];
    const { read, directory } = directoryOf(entriesOf(names));
    indexDirectory(read, directory, (bytes) => {
      made.push(bytes);
      return new ArrayBuffer(bytes);
    });
    expect(made).toEqual([12, 32, 12, 3]);
  });

  it("tells the files of a folder, most of them by their first character, without reading their rows", () => {
    const { read, directory } = directoryOf(entriesOf(["a.txt", "records/0.json", "records.csv", "report/0.html"]));
    const rows = indexDirectory(read, directory);
    if (typeof rows === "string") throw new Error(rows);
    const looked: number[] = [];
    const below = (row: number, folder: string) =>
      isBelow(
        rows,
        (at, length) => {
          looked.push(row);
          return read(at, length);
        },
        row,
        folder,
      );
    expect([0, 1, 2, 3].map((row) => below(row, "records/"))).toEqual([false, true, false, false]);
    expect([...new Set(looked)]).toEqual([1, 2, 3]);
    expect([0, 1, 2, 3].map((row) => below(row, ""))).toEqual([true, true, true, true]);
  });

  it("may be empty", () => {
    const { read } = directoryOf([]);
    const rows = indexed([]);
    if (typeof rows === "string") throw new Error(rows);
    expect(rows.starts).toHaveLength(0);
    expect(rowNamed(rows, read, "a.txt")).toBeUndefined();
  });

  it("finds each of many files", () => {
    const many = Array.from({ length: 3000 }, (_, n) => `records/${n}.json`);
    const { read, directory } = directoryOf(entriesOf(many));
    const rows = indexDirectory(read, directory);
    if (typeof rows === "string") throw new Error(rows);
    expect(many.map((name) => rowNamed(rows, read, name))).toEqual(many.map((_, row) => row));
    expect(rowNamed(rows, read, "records/3000.json")).toBeUndefined();
  });
});

describe("a directory is refused", () => {
  const entries = entriesOf(names);
  const whole = directoryOf(entries).directory;

  it("where it is cut off, in a row or between two", () => {
    for (const size of [whole.size - 1, whole.size - 30, whole.size - 56, 1, 0])
      expect(indexed(entries, { size })).toBe("The zip's directory is cut off.");
    expect(indexed(entries, { entries: 4 })).toBe("The zip's directory is cut off.");
  });

  it("where it holds more than its rows, or does not begin where the last file ends", () => {
    const sentence = "The zip holds bytes that belong to no file.";
    expect(indexed(entries, { entries: 2, offset: 100 })).toBe(sentence);
    for (const by of [-1, 1]) expect(indexed(entries, { offset: whole.offset + by })).toBe(sentence);
  });

  it("where a file does not follow the one before it", () => {
    for (const by of [-1, 1]) {
      const moved = entriesOf(names, ({ name, offset }) => (name === "verify.sh" ? { offset: offset + by } : {}));
      expect(indexed(moved)).toBe("In the zip verify.sh does not follow the file before it.");
    }
  });

  it("where a name is there twice, or is none that a pack has", () => {
    expect(indexed(entriesOf(["a.txt", "b.txt", "a.txt"]))).toBe("The zip holds a.txt twice.");
    expect(indexed(entriesOf(["../a"]))).toBe(
      'The zip holds a file under a name that no pack has: "../a". If another program packed it again, unpack it and verify the folder (countersign verify).',
    );
    const long = "a".repeat(300);
    expect(indexed(entriesOf([long]))).toBe(
      `The zip holds a file under a name that no pack has: "${long.slice(0, 80)}". If another program packed it again, unpack it and verify the folder (countersign verify).`,
    );
  });

  it("where a row is not as an export writes it", () => {
    const { directory, read } = directoryOf(entries);
    const altered: ReadDirectory = (at, length) => {
      const bytes = read(at, length).slice();
      if (at === 0) bytes[10] = 8;
      return bytes;
    };
    expect(indexDirectory(altered, directory)).toBe(
      "The zip's directory does not describe a.txt as an export writes it (compressed, encrypted or altered): unpack it and verify the folder (countersign verify), or export anew.",
    );
  });
});
