import { Uint8ArrayReader, Uint8ArrayWriter, ZipReader, ZipWriter } from "@zip.js/zip.js";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { crc32 } from "../../../core/archive/zip/crc32.ts";
import { namesOf, readWhole } from "../../../core/archive/zip/pack-source.ts";
import { isSafeName } from "../../../core/archive/zip/safe-name.ts";
import { concatBytes, utf8 } from "../../../core/encoding/bytes.ts";
import { each, opened, zipped } from "./zipped.ts";

/** Whether a reader that reads everything notices anything wrong. */
async function notices(bytes: Uint8Array): Promise<boolean> {
  const zip = await opened(bytes);
  if (zip.kind === "refused") return true;
  const contents: (string | undefined)[] = [];
  for (const name of namesOf(zip.source))
    contents.push(Buffer.from((await readWhole(zip.source, name)) ?? []).toString("hex"));
  return zip.source.problems().length > 0 || contents.includes(undefined);
}

const sample = () => [
  { name: "a.txt", content: utf8("hello") },
  { name: "records/0.json", content: utf8("{}") },
  { name: "empty", content: new Uint8Array() },
  { name: "big/table.csv", content: each([utf8("one,"), utf8("two\r\n")]) },
  { name: "verify.sh", content: utf8("#!/bin/sh\n") },
];

describe("a pack's zip", () => {
  it("is read back as it was written", async () => {
    const zip = await opened(await zipped(sample()));
    if (zip.kind === "refused") throw new Error(zip.sentence);
    expect([...namesOf(zip.source)]).toEqual(["a.txt", "records/0.json", "empty", "big/table.csv", "verify.sh"]);
    expect([...namesOf(zip.source, "records/")]).toEqual(["records/0.json"]);
    expect([...namesOf(zip.source, "verify.sh.and.more.than.there.is/")]).toEqual([]);
    expect(await readWhole(zip.source, "big/table.csv")).toEqual(utf8("one,two\r\n"));
    expect(zip.source.problems()).toEqual([]);
  });

  it("is the same for the same files", async () => {
    expect(await zipped(sample())).toEqual(await zipped(sample()));
  });

  it("is read by somebody else's reader", async () => {
    const reader = new ZipReader(new Uint8ArrayReader(await zipped(sample())));
    const entries = await reader.getEntries();
    const read = await Promise.all(
      entries.map(async (entry) =>
        entry.directory
          ? undefined
          : [entry.filename, Buffer.from(await entry.getData(new Uint8ArrayWriter())).toString()],
      ),
    );
    expect(read).toEqual([
      ["a.txt", "hello"],
      ["records/0.json", "{}"],
      ["empty", ""],
      ["big/table.csv", "one,two\r\n"],
      ["verify.sh", "#!/bin/sh\n"],
    ]);
    await reader.close();
  });

  it("shows every byte of it that was changed", async () => {
    const bytes = await zipped(sample());
    for (let at = 0; at < bytes.length; at += 1) {
      for (const bit of [1, 128]) {
        const changed = bytes.slice();
        changed[at] = (changed[at] ?? 0) ^ bit;
        expect(await notices(changed), `byte ${at}`).toBe(true);
      }
    }
  });

  it("shows what was cut off, put in, or put behind", async () => {
    const bytes = await zipped(sample());
    await fc.assert(
      fc.asyncProperty(fc.nat(bytes.length - 1), fc.uint8Array({ minLength: 1, maxLength: 40 }), async (at, more) => {
        expect(await notices(bytes.subarray(0, at))).toBe(true);
        expect(await notices(concatBytes([bytes.subarray(0, at), more, bytes.subarray(at)]))).toBe(true);
        expect(await notices(concatBytes([bytes, more]))).toBe(true);
      }),
    );
  });

  it("is refused where it holds a name twice", async () => {
    const twice = await zipped([
      { name: "a.txt", content: utf8("1") },
      { name: "a.txt", content: utf8("2") },
    ]);
    expect(await opened(twice)).toEqual({ kind: "refused", sentence: "The zip holds a.txt twice." });
  });

  it.each(["../a", "/etc/passwd", "a/../b", "a//b", "C:\\a", "a\u0000b", ".hidden", "-rf", "a/", "ä", "a".repeat(201)])(
    "is refused where a name could lead elsewhere: %j",
    async (name) => {
      expect(isSafeName(name)).toBe(false);
      const zip = await opened(await zipped([{ name, content: utf8("x") }]));
      expect(zip).toMatchObject({ kind: "refused" });
    },
  );

  it("is refused where it is compressed: nothing in it can be a bomb", async () => {
    const writer = new ZipWriter(new Uint8ArrayWriter());
    await writer.add("a.txt", new Uint8ArrayReader(new Uint8Array(1_000_000)));
    const zip = await opened(await writer.close());
    expect(zip).toMatchObject({ kind: "refused" });
    if (zip.kind === "refused") expect(zip.sentence).toContain("unpack it and verify the folder");
  });

  it("is refused where it is none", async () => {
    expect(await opened(new Uint8Array())).toMatchObject({ kind: "refused" });
    expect(await opened(utf8("PK, but no zip at all, whatever its length may be here and now"))).toMatchObject({
      kind: "refused",
    });
  });

  it("has the check sum that everybody else computes", () => {
    // The check value of CRC-32/ISO-HDLC.
    expect(crc32(utf8("123456789")).toString(16)).toBe("cbf43926");
    expect(crc32(utf8("6789"), crc32(utf8("12345")))).toBe(0xcbf43926);
  });
});
