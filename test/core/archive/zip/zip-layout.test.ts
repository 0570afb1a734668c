import { describe, expect, it } from "vitest";
import {
  dataDescriptor,
  dataDescriptorLength,
  directoryHeader,
  endLength,
  endRecords,
  isLarge,
  largeEndLength,
  largestEntry,
  localHeader,
  permissionsOf,
  readEnd,
  requireEntrySize,
  rowLength,
  type ZipEntry,
} from "../../../../core/archive/zip/zip-layout.ts";
import { concatBytes, hex, utf8 } from "../../../../core/encoding/bytes.ts";
import { codeOf } from "../../refusal.ts";

// Byte for byte as PKWARE's APPNOTE 6.3.10 has it: 4.3.7 (local header), 4.3.9 (data descriptor), 4.3.12 (directory),
// 4.3.14 to 4.3.16 (the end).

const entry: ZipEntry = { name: "ab", offset: 0x01020304, size: 0x0a0b0c0d, crc: 0x11121314, streamed: false };
const streamed = { ...entry, streamed: true };
const name = hex(utf8("ab"));

describe("what stands around a file in a zip", () => {
  it("is before it a header that says its check sum and its size, where they are known", () => {
    expect(hex(localHeader(entry))).toBe(
      ["504b0304", "1400", "0008", "0000", "0000", "2100", "14131211", "0d0c0b0a", "0d0c0b0a", "0200", "0000"].join(
        "",
      ) + name,
    );
    expect(hex(localHeader(streamed))).toBe(
      ["504b0304", "1400", "0808", "0000", "0000", "2100", "00000000", "00000000", "00000000", "0200", "0000"].join(
        "",
      ) + name,
    );
  });

  it("is behind it what was not known before, and otherwise nothing", () => {
    expect(hex(dataDescriptor(streamed))).toBe("504b0708141312110d0c0b0a0d0c0b0a");
    expect(dataDescriptor(entry)).toHaveLength(0);
    expect([dataDescriptorLength(entry), dataDescriptorLength(streamed)]).toEqual([0, 16]);
  });

  it("is a row of the directory, with who may run it", () => {
    expect(hex(directoryHeader(entry))).toBe(
      ["504b0102", "1e03", "1400", "0008", "0000", "0000", "2100", "14131211", "0d0c0b0a", "0d0c0b0a", "0200"].join(
        "",
      ) + ["0000", "0000", "0000", "0000", "0000a481", "04030201", name].join(""),
    );
    expect(hex(directoryHeader(streamed)).slice(16, 20)).toBe("0808");
    expect(permissionsOf("verify.sh") / 0x10000).toBe(0o100755);
    for (const plain of ["verify.sh.txt", "sh", "report.html"]) expect(permissionsOf(plain) / 0x10000).toBe(0o100644);
  });

  it("is a longer row where the file begins beyond what four bytes can say", () => {
    const near = directoryHeader({ ...entry, offset: 0xffff_fffe });
    expect([near.length, hex(near.subarray(42, 46))]).toEqual([rowLength + 2, "feffffff"]);
    for (const offset of [0xffff_ffff, 0x1_0203_0405]) {
      const far = directoryHeader({ ...entry, offset });
      expect(far).toHaveLength(rowLength + 2 + 12);
      expect([hex(far.subarray(6, 8)), hex(far.subarray(30, 32)), hex(far.subarray(42, 46))]).toEqual([
        "2d00",
        "0c00",
        "ffffffff",
      ]);
      const behind = new DataView(far.buffer, far.byteOffset + rowLength + 2);
      expect([behind.getUint16(0, true), behind.getUint16(2, true), Number(behind.getBigUint64(4, true))]).toEqual([
        1,
        8,
        offset,
      ]);
    }
  });

  it("holds nothing of what was written before it", () => {
    const alone = hex(directoryHeader({ ...entry, name: "c" }));
    directoryHeader({ ...entry, name: "z".repeat(100), offset: 2 ** 40 });
    expect(hex(directoryHeader({ ...entry, name: "c" }))).toBe(alone);
    const header = hex(localHeader({ ...streamed, name: "c" }));
    localHeader({ ...entry, name: "z".repeat(100) });
    expect(hex(localHeader({ ...streamed, name: "c" }))).toBe(header);
  });
});

describe("the end of a zip", () => {
  const small = { entries: 3, size: 0x0102, offset: 0x0304 };

  it("says where the directory is, and is read back", () => {
    expect(hex(endRecords(small))).toBe("504b05060000000003000300020100000403" + "00000000");
    expect(endRecords(small)).toHaveLength(endLength);
    expect(readEnd(endRecords(small))).toEqual(small);
    expect(readEnd(concatBytes([utf8("what stands before"), endRecords(small)]))).toEqual(small);
  });

  it.each([
    { entries: 0xffff, size: 1, offset: 1 },
    { entries: 1, size: 0xffff_ffff, offset: 1 },
    { entries: 1, size: 1, offset: 0xffff_ffff },
    { entries: 70_000, size: 2 ** 33, offset: 2 ** 40 },
  ])("of a large one says it in records of its own: %j", (large) => {
    const end = endRecords(large);
    expect(isLarge(large)).toBe(true);
    expect(end).toHaveLength(endLength + largeEndLength);
    expect(readEnd(end)).toEqual(large);
    const view = new DataView(end.buffer, end.byteOffset);
    expect(hex(end.subarray(0, 24))).toBe("504b06062c000000000000001e032d000000000000000000");
    expect([view.getUint32(56, true), Number(view.getBigUint64(64, true)), view.getUint32(72, true)]).toEqual([
      0x07064b50,
      large.offset + large.size,
      1,
    ]);
    // Without them nobody knows.
    expect(readEnd(end.subarray(-endLength))).toBeUndefined();
    expect(readEnd(concatBytes([new Uint8Array(largeEndLength), end.subarray(-endLength)]))).toBeUndefined();
  });

  it.each([
    { entries: 0xfffe, size: 1, offset: 1 },
    { entries: 1, size: 0xffff_fffe, offset: 1 },
    { entries: 1, size: 1, offset: 0xffff_fffe },
  ])("of one that is just small enough says it in one record: %j", (most) => {
    expect(isLarge(most)).toBe(false);
    expect(endRecords(most)).toHaveLength(endLength);
    expect(readEnd(endRecords(most))).toEqual(most);
  });

  it("is none where it is too short, does not begin as one, or counts beyond what can be counted", () => {
    expect(readEnd(new Uint8Array())).toBeUndefined();
    expect(readEnd(endRecords(small).subarray(1))).toBeUndefined();
    expect(readEnd(new Uint8Array(endLength))).toBeUndefined();
    const end = endRecords({ entries: 70_000, size: 2 ** 33, offset: 2 ** 40 });
    new DataView(end.buffer, end.byteOffset).setBigUint64(48, 2n ** 60n, true);
    expect(readEnd(end)).toBeUndefined();
  });
});

it("a file of a pack may have just under 4 GiB", () => {
  expect(largestEntry).toBe(0xffff_fffe);
  requireEntrySize("records.csv", largestEntry);
  expect(codeOf(() => requireEntrySize("records.csv", largestEntry + 1))).toEqual({
    code: "pack-invalid",
    sentence: "records.csv is larger than the 4 GiB that one file may have.",
  });
});
