import { describe, expect, it } from "vitest";
import { memorySpool, type Spool } from "../../../../core/archive/zip/spool.ts";
import { writeZip } from "../../../../core/archive/zip/write-zip.ts";
import { directoryHeader, endRecords, localHeaderLength } from "../../../../core/archive/zip/zip-layout.ts";
import { concatBytes, equalBytes, utf8 } from "../../../../core/encoding/bytes.ts";
import { collected } from "../memory-pack.ts";
import { each, opened, zipped } from "../zipped.ts";

/** A spool that tells what was done with it. */
function watched(): { readonly spool: Spool; readonly done: string[] } {
  const own = memorySpool();
  const done: string[] = [];
  return {
    done,
    spool: {
      append: async (bytes) => {
        done.push("append");
        await own.append(bytes);
      },
      read: () => {
        done.push("read");
        return own.read();
      },
      close: async () => {
        done.push("close");
        await own.close();
      },
    },
  };
}

describe("a zip", () => {
  it("has one file after the other, then a row for each, then its end", async () => {
    const files = [
      { name: "a", content: utf8("123456789") },
      { name: "bc", content: each([utf8("1234"), utf8("56789")]) },
      { name: "d", content: utf8("") },
    ];
    const zip = await zipped(files);
    const crc = 0xcbf43926;
    const second = localHeaderLength + 1 + 9;
    const third = second + localHeaderLength + 2 + 9 + 16;
    const offset = third + localHeaderLength + 1;
    const rows = concatBytes([
      directoryHeader({ name: "a", offset: 0, size: 9, crc, streamed: false }),
      directoryHeader({ name: "bc", offset: second, size: 9, crc, streamed: true }),
      directoryHeader({ name: "d", offset: third, size: 0, crc: 0, streamed: false }),
    ]);
    const end = endRecords({ entries: 3, size: rows.length, offset });
    expect(equalBytes(zip.subarray(offset), concatBytes([rows, end]))).toBe(true);
    expect((await opened(zip)).kind).toBe("opened");
  });

  it("of nothing is its end alone", async () => {
    expect(await zipped([])).toEqual(endRecords({ entries: 0, size: 0, offset: 0 }));
  });

  it("keeps its rows aside until all files are written, and lets them go then", async () => {
    const { spool, done } = watched();
    await collected(
      writeZip(
        each([
          { name: "a", content: utf8("x") },
          { name: "b", content: utf8("y") },
        ]),
        spool,
      ),
    );
    expect(done).toEqual(["append", "append", "read", "close"]);
  });

  it("lets its rows go where a file cannot be read, or nobody takes what is written", async () => {
    const { spool, done } = watched();
    const broken = async function* () {
      yield { name: "a", content: utf8("x") };
      throw new Error("The disk is gone.");
    };
    await expect(collected(writeZip(broken(), spool))).rejects.toThrow("The disk is gone.");
    expect(done).toEqual(["append", "close"]);
    const left = watched();
    for await (const _ of writeZip(each([{ name: "a", content: utf8("x") }]), left.spool)) break;
    expect(left.done).toEqual(["close"]);
  });
});
