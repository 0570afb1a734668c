import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../../adapters/node-crypto/running-sha256.ts";
import { readSums, withSums } from "../../../../core/archive/pack/sums.ts";
import { memorySpool, type Spool } from "../../../../core/archive/zip/spool.ts";
import { fromUtf8, hex, utf8 } from "../../../../core/encoding/bytes.ts";
import { refused } from "../../refusal.ts";
import { collected } from "../memory-pack.ts";
import { each } from "../zipped.ts";

const digest = "0123456789abcdef".repeat(4);
const line = (name: string, of = digest) => `${of}  ${name}\n`;
/** What is read of a text that comes in chunks of a length. */
async function read(text: string, length = 1000): Promise<readonly string[]> {
  const bytes = utf8(text);
  const chunks: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += length) chunks.push(bytes.subarray(at, at + length));
  const lines: string[] = [];
  for await (const { digest: own, name } of readSums(each(chunks))) lines.push(`${hex(own)} ${name}`);
  return lines;
}

describe("SHA256SUMS", () => {
  it("has a digest and a name on each line, in whatever chunks it is read", async () => {
    const text = line("a.txt") + line("records/0.json", "f".repeat(64)) + line("x y");
    const lines = [`${digest} a.txt`, `${"f".repeat(64)} records/0.json`, `${digest} x y`];
    for (const length of [1, 7, 66, 67, 1000]) expect(await read(text, length)).toEqual(lines);
  });

  it.each([
    ["no name", line("")],
    ["one blank", `${digest} a.txt\n`],
    ["a blank and a star", `${digest} *a.txt\n`],
    ["a star and a blank", `${digest}* a.txt\n`],
    ["capitals", line("a.txt", digest.toUpperCase())],
    ["a digit that is none", line("a.txt", `g${digest.slice(1)}`)],
    ["a second digit that is none", line("a.txt", `0g${digest.slice(2)}`)],
    ["a sign before the digits", line("a.txt", `/${digest.slice(1)}`)],
    ["a sign behind them", line("a.txt", `:${digest.slice(1)}`)],
    ["a letter before those of hex", line("a.txt", `\`${digest.slice(1)}`)],
    ["a short digest", line("a.txt", digest.slice(1))],
    ["a name that is too long", line("a".repeat(201))],
    ["an empty line", "\n"],
  ])("is refused with the number of the line that has %s", async (_, wrong) => {
    expect(await refused(read(line("a.txt") + wrong + line("b.txt")))).toEqual({
      code: "pack-invalid",
      sentence: "Line 2 of SHA256SUMS cannot be read.",
    });
  });

  it("takes the longest name", async () => {
    expect(await read(line("a".repeat(200)))).toEqual([`${digest} ${"a".repeat(200)}`]);
  });

  it("ends with a line's end, and is not empty", async () => {
    const cut = { code: "pack-invalid", sentence: "SHA256SUMS is cut off." };
    expect(await refused(read(""))).toEqual(cut);
    expect(await refused(read(line("a.txt").trimEnd()))).toEqual(cut);
    expect(await refused(read(line("a.txt") + digest))).toEqual(cut);
  });

  it("has no line without end: what is read is bounded", async () => {
    expect(await refused(read(`${line("a.txt")}${"x".repeat(267)}`))).toEqual({
      code: "pack-invalid",
      sentence: "Line 2 of SHA256SUMS cannot be read.",
    });
    expect((await refused(read(`${line("a.txt")}${"x".repeat(266)}`))).sentence).toBe("SHA256SUMS is cut off.");
  });
});

describe("files with their sums", () => {
  const files = [
    { name: "a.txt", content: utf8("hello") },
    { name: "b.txt", content: each([utf8("one "), utf8("two")]) },
  ];

  it("come as they are, and behind them the sums of all", async () => {
    const found: string[] = [];
    for await (const { name, content } of withSums(each(files), startSha256, memorySpool()))
      found.push(`${name}: ${fromUtf8(content instanceof Uint8Array ? content : await collected(content))}`);
    expect(found.slice(0, 2)).toEqual(["a.txt: hello", "b.txt: one two"]);
    const sum = (text: string) => {
      const hash = startSha256();
      hash.update(utf8(text));
      return hash.digest();
    };
    expect(found[2]).toBe(`SHA256SUMS: ${sum("hello")}  a.txt\n${sum("one two")}  b.txt\n`);
  });

  it("let go of what they put aside, also where nobody reads to the end", async () => {
    const closed: string[] = [];
    const spool: Spool = { ...memorySpool(), close: async () => void closed.push("closed") };
    for await (const _ of withSums(each(files), startSha256, spool)) break;
    expect(closed).toEqual(["closed"]);
  });
});
