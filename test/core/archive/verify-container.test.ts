import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../adapters/node-crypto/running-sha256.ts";
import { fileStates, hashRest, isMarked, marks } from "../../../core/archive/pack/file-states.ts";
import { containerFindings, noteSums } from "../../../core/archive/verify-container.ts";
import { type ContainerProblem, memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";

const files = new Map([
  ["a.txt", utf8("a")],
  ["b.txt", utf8("b")],
  ["c.txt", utf8("c")],
]);
const sum = (name: string) => `${sha256Hex(files.get(name) ?? utf8(""))}  ${name}\n`;
const all = sum("a.txt") + sum("b.txt") + sum("c.txt");

/** What is said of files with these sums, once all of them are hashed. */
async function said(
  sums: string | undefined,
  {
    over = files,
    problems = [],
  }: { readonly over?: typeof files; readonly problems?: readonly ContainerProblem[] } = {},
) {
  const source = memorySource(sums === undefined ? over : new Map([...over, ["SHA256SUMS", utf8(sums)]]));
  const states = fileStates(source.count);
  const noted = await noteSums(source, states);
  await hashRest(source, states, startSha256, { from: 0, to: source.count });
  const text = (findings: typeof noted) => findings.map(({ code, path, sentence }) => `${code} ${path}: ${sentence}`);
  return { noted: text(noted), found: text(containerFindings(source, states, problems)), source, states };
}
const unlisted = ["a.txt", "b.txt", "c.txt"].map((name) => `file-unexpected ${name}: ${name} is not in SHA256SUMS.`);

describe("the files of a pack", () => {
  it("are those of SHA256SUMS, whatever their order", async () => {
    for (const sums of [all, sum("c.txt") + sum("a.txt") + sum("b.txt")])
      expect(await said(sums)).toMatchObject({ noted: [], found: [] });
  });

  it("that it does not list, or with other bytes, are named", async () => {
    const { noted, found } = await said(
      sum("a.txt") + sum("b.txt").replace(/^[0-9a-f]/, (digit) => (digit === "0" ? "1" : "0")),
    );
    expect(noted).toEqual([]);
    expect(found).toEqual([
      "file-changed b.txt: b.txt does not have the bytes that SHA256SUMS gives the digest of.",
      "file-unexpected c.txt: c.txt is not in SHA256SUMS.",
    ]);
  });

  it("that it lists and are not there are named", async () => {
    const over = new Map([...files].filter(([name]) => name !== "b.txt"));
    expect(await said(all, { over })).toMatchObject({
      noted: ["file-missing b.txt: b.txt is in SHA256SUMS, but not in the pack."],
      found: [],
    });
  });

  it("are all unexpected without SHA256SUMS, or with one that cannot be read", async () => {
    expect(await said(undefined)).toMatchObject({
      noted: ["file-missing SHA256SUMS: The pack has no SHA256SUMS."],
      found: unlisted,
    });
    expect(await said(`${all}?\n`)).toMatchObject({
      noted: ["sums-malformed SHA256SUMS: Line 4 of SHA256SUMS cannot be read."],
      found: unlisted,
    });
  });

  it("are listed once each", async () => {
    const { noted, found, states } = await said(all + sum("b.txt"));
    expect(noted).toEqual(["sums-malformed SHA256SUMS: SHA256SUMS lists b.txt twice."]);
    expect(found).toEqual(unlisted);
    expect(isMarked(states, 0, marks.listed)).toBe(false);
  });

  it("are listed without the list itself", async () => {
    const { noted, found } = await said(all + sum("SHA256SUMS"));
    expect(noted).toEqual(["sums-malformed SHA256SUMS: SHA256SUMS lists itself."]);
    expect(found).toEqual(unlisted);
  });

  it("with something wrong around them are told once, unless their bytes are wrong as well", async () => {
    const problems = ["a.txt", "b.txt", "b.txt"].map((name) => ({ name, sentence: `Something is around ${name}.` }));
    const wrong = all.replace(
      sum("a.txt"),
      sum("a.txt").replace(/^[0-9a-f]/, (digit) => (digit === "0" ? "1" : "0")),
    );
    const { found } = await said(wrong, { problems });
    expect(found).toEqual([
      "file-changed a.txt: a.txt does not have the bytes that SHA256SUMS gives the digest of.",
      "container-altered b.txt: Something is around b.txt.",
    ]);
    expect((await said(sum("b.txt") + sum("c.txt"), { problems })).found).toEqual([
      "file-unexpected a.txt: a.txt is not in SHA256SUMS.",
      "container-altered a.txt: Something is around a.txt.",
      "container-altered b.txt: Something is around b.txt.",
    ]);
  });
});

it("sums that cannot be fetched are no finding but a failure", async () => {
  const source = {
    ...memorySource(new Map([["SHA256SUMS", utf8(all)]])),
    chunks: (): never => {
      throw new Error("The disk is gone.");
    },
  };
  await expect(noteSums(source, fileStates(source.count))).rejects.toThrow("The disk is gone.");
});
