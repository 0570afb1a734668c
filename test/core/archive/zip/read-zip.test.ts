import { describe, expect, it } from "vitest";
import { crc32 } from "../../../../core/archive/zip/crc32.ts";
import { openZip, type RandomAccess, type ZipPorts, zipSource } from "../../../../core/archive/zip/read-zip.ts";
import { endRecords } from "../../../../core/archive/zip/zip-layout.ts";
import { concatBytes, equalBytes, utf8 } from "../../../../core/encoding/bytes.ts";
import { codeOf } from "../../refusal.ts";
import { collected } from "../memory-pack.ts";
import { each, zipped } from "../zipped.ts";

const large = new Uint8Array(300_000).map((_, at) => at % 251);
const bytes = await zipped([
  { name: "a.txt", content: utf8("hello") },
  { name: "empty", content: new Uint8Array() },
  { name: "large", content: large },
  { name: "streamed.csv", content: each([utf8("one,"), utf8("two\r\n")]) },
]);
const slow = (of: Uint8Array): RandomAccess => ({
  size: of.length,
  read: async (offset, length) => of.subarray(offset, offset + length),
});
/** Each way in which a file may be read. */
const ways: Readonly<Record<string, (of: Uint8Array) => RandomAccess>> = {
  "after a while": slow,
  "at once": (of) => {
    // As a file's pieces: what was read before is gone.
    const place = new Uint8Array(of.length);
    const readNow = (offset: number, length: number) => {
      place.fill(0xee).set(of.subarray(offset, offset + length));
      return place.subarray(0, length);
    };
    return { ...slow(of), readNow };
  },
  "into bytes at hand": (of) => ({
    ...slow(of),
    readInto: (offset, into) => into.set(of.subarray(offset, offset + into.length)),
  }),
};

async function source(file: RandomAccess, ports: ZipPorts = {}) {
  const opened = await openZip(file, ports);
  if (opened.kind === "refused") throw new Error(opened.sentence);
  return opened.source;
}
async function refusal(of: Uint8Array): Promise<string> {
  const opened = await openZip(slow(of));
  return opened.kind === "refused" ? opened.sentence : "It was opened.";
}
/** With one byte of the zip changed, from the first place where this text stands. */
function altered(text: string, by: number, of = bytes): Uint8Array {
  const at = Buffer.from(of).indexOf(text) + by;
  const copy = of.slice();
  copy[at] = (copy[at] ?? 0) ^ 1;
  return copy;
}

describe.each(Object.entries(ways))("a zip that is read %s", (_, way) => {
  it("has its files by their names", async () => {
    const zip = await source(way(bytes));
    expect([zip.count, zip.nameAt(0), zip.nameAt(3)]).toEqual([4, "a.txt", "streamed.csv"]);
    expect(["empty", "large", "none"].map(zip.rowOf)).toEqual([1, 2, undefined]);
    expect(["a.txt", "large", "none"].map(zip.sizeOf)).toEqual([5, 300_000, undefined]);
    const files = [];
    for (const name of ["a.txt", "empty", "streamed.csv", "none"]) files.push(await zip.read(name));
    expect(files).toEqual([utf8("hello"), new Uint8Array(), utf8("one,two\r\n"), undefined]);
    expect(zip.problems()).toEqual([]);
  });

  it("is read in chunks of a quarter of a mebibyte", async () => {
    const zip = await source(way(bytes));
    const chunks: Uint8Array[] = [];
    // Each is good until the next is asked for.
    for await (const chunk of zip.chunks("large")) chunks.push(chunk.slice());
    expect(chunks.map(({ length }) => length)).toEqual([262_144, 37_856]);
    expect(equalBytes(concatBytes(chunks), large)).toBe(true);
    expect(await collected(zip.chunks("streamed.csv"))).toEqual(utf8("one,two\r\n"));
    expect(await collected(zip.chunks("none"))).toEqual(new Uint8Array());
    expect(zip.problems()).toEqual([]);
  });

  it("tells what was altered around a file, or in it, once the file was read, and once", async () => {
    const around = "What stands around streamed.csv in the zip was altered.";
    for (const [zip, name, sentence] of [
      [altered("streamed.csv", 0), "streamed.csv", around],
      [altered("one,two", -20), "streamed.csv", around],
      [altered("one,two\r\n", 9 + 5), "streamed.csv", around],
      [altered("hello", 0), "a.txt", "The zip's own checksum of a.txt does not fit its bytes."],
    ] as const) {
      for (const read of ["read", "chunks"] as const) {
        const opened = await source(way(zip));
        expect(opened.problems()).toEqual([]);
        for (let time = 0; time < 2; time += 1)
          await (read === "read" ? opened.read(name) : collected(opened.chunks(name)));
        expect(opened.problems()).toEqual([{ name, sentence }]);
      }
    }
  });
});

describe("a zip", () => {
  it("is summed by what the machine has for that", async () => {
    const summed: number[] = [];
    const zip = await source(slow(bytes), {
      crc32: (chunk, before) => {
        summed.push(chunk.length);
        return crc32(chunk, before);
      },
    });
    await zip.read("a.txt");
    await collected(zip.chunks("large"));
    expect(summed).toEqual([5, 262_144, 37_856]);
    expect(zip.problems()).toEqual([]);
  });

  it("has a copy of its directory where that cannot be read at once, and none where it can", async () => {
    const [late, now] = [await openZip(slow(bytes)), await openZip(ways["at once"]?.(bytes) ?? slow(bytes))];
    if (late.kind === "refused" || now.kind === "refused") throw new Error("It is a zip.");
    expect(late.rows?.copy?.length).toBeGreaterThan(0);
    expect(now.rows).not.toHaveProperty("copy");
    // Its rows are enough for others to read it as well, if they can read at once or have the copy.
    const { rows } = now;
    if (rows === undefined) throw new Error("It has rows.");
    expect(await zipSource(ways["at once"]?.(bytes) ?? slow(bytes), rows).read("a.txt")).toEqual(utf8("hello"));
    expect(codeOf(() => zipSource(slow(bytes), rows).sizeOf("a.txt")).code).toBe("internal");
  });

  it("looks a file up once for its row, its size and its bytes", async () => {
    let reads = 0;
    const zip = await source({
      ...slow(bytes),
      readNow: (offset, length) => {
        reads += 1;
        return bytes.subarray(offset, offset + length);
      },
    });
    zip.rowOf("large");
    const before = reads;
    zip.rowOf("large");
    zip.sizeOf("large");
    expect(reads).toBe(before);
    zip.sizeOf("a.txt");
    expect(reads).toBeGreaterThan(before);
  });
});

describe("a file is refused that", () => {
  it("does not end as a zip does", async () => {
    for (const none of [new Uint8Array(), utf8("no zip"), bytes.subarray(0, -1)])
      expect(await refusal(none)).toBe(
        "The file does not end as a zip does: it is cut off, so fetch it again, or it is no zip.",
      );
  });

  it("has bytes more or less than its end says, or an end that is spelled otherwise", async () => {
    const sentence = "The zip's end does not fit the file: bytes were added, removed or changed.";
    expect(await refusal(concatBytes([utf8("x"), bytes]))).toBe(sentence);
    expect(await refusal(bytes.subarray(1))).toBe(sentence);
    const spelled = bytes.slice();
    spelled[bytes.length - 22 + 8] = 9;
    expect(await refusal(spelled)).toBe(sentence);
  });

  it("says that it holds more files, or has a larger directory, than anybody reads", async () => {
    // Nothing of either is read: the end alone says so.
    const said = async (entries: number, size: number) => {
      const end = endRecords({ entries, size, offset: 0 });
      const opened = await openZip({
        size: size + end.length,
        read: async (offset, length) => {
          const tail = new Uint8Array(length);
          tail.set(end, Math.max(0, size - offset));
          return tail;
        },
        readNow: (_, length) => new Uint8Array(length),
      });
      return opened.kind === "refused" ? opened.sentence : "It was opened.";
    };
    expect(await said(8_000_001, 1000)).toBe("The zip says that it holds 8000001 files, which is more than is read.");
    expect(await said(1, 1024 ** 3 + 1)).toBe("The zip says that it holds 1 files, which is more than is read.");
    // What is just small enough is read, and found to be none.
    expect(await said(1, 1024 ** 3)).toMatch(/under a name that no pack has/);
  });
});
