import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import { describe, expect, it } from "vitest";
import { verificationOf } from "../../cli/verify-file.ts";
import { manifestPath, sumsPath } from "../../core/archive/pack/pack-layout.ts";
import { concatBytes, fromUtf8, utf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { temporaryFolder, zipOf } from "../cli/pack-on-disk.ts";
import { createdAt, type Files, resealed } from "../core/archive/memory-pack.ts";
import { headOf, sinceHead, smallPack, verifiedPack } from "../core/archive/small-pack.ts";
import { withTool } from "./programs.ts";
import { expectVerdict, python, requireOnThePage, verdictAt } from "./second-verifier.ts";

// The files of a pack as whoever hands it on may write them: what a reader finds in it beside what was verified, or in its place, is
// theirs to choose. Both verifiers look at all of it, but for what is made of the records for people, at which the second looks by name.

const whole = await smallPack();
const since = await smallPack({ scope: sinceHead(headOf(whole, 7)) });
const nameless = await smallPack({ withoutPersonalData: true });

const bytesOf = (files: Files, name: string) => files.get(name) ?? expect.unreachable(`There is no ${name}.`);
const edited = (files: Files, name: string, edit: (text: string) => string) =>
  resealed(files, { [name]: utf8(edit(fromUtf8(bytesOf(files, name)))) });
const sums = (edit: (text: string) => string): Files =>
  new Map(whole).set(sumsPath, utf8(edit(fromUtf8(bytesOf(whole, sumsPath)))));
const manifest = (files: Files, change: (said: Record<string, unknown>) => object): Files =>
  resealed(files, {
    [manifestPath]: canonicalJsonBytes({ ...change(JSON.parse(fromUtf8(bytesOf(files, manifestPath)))) }),
  });
const besides = (name: string, bytes = utf8("It was otherwise.\n")) => resealed(whole, { [name]: bytes });
const without = (name: string) => resealed(whole, { [name]: undefined });
const signedBy = (line: string) => edited(whole, "log/checkpoint", (text) => `${text}${line}\n`);
const kept = [...whole.keys()].filter((name) => name.startsWith("log/checkpoints/"));
const [proof = ""] = [...since.keys()].filter((name) => name.endsWith(".tlog-proof"));
const twice = (text: string) => text + text;
const endless = (text: string) => text.slice(0, -1);
const more = (text: string) => `${text}hello\n`;

const belongs = /belongs to no record of the pack|another log|has a name that packs do not have/;
/** Each pack, and what the second verifier says of it; nothing where both take it. */
const packs: Readonly<Record<string, readonly [Files, RegExp?]>> = {
  "as it was exported": [whole],
  "as what came since": [since],
  "as one without personal data": [nameless],
  "with sums in another order": [sums((text) => `${endless(text).split("\n").toReversed().join("\n")}\n`)],
  "with sums that are cut off": [sums(endless), /SHA256SUMS is cut off/],
  "with sums said twice": [sums(twice), /lists .* twice/],
  "with sums of binary files": [sums((text) => text.replaceAll("  ", " *")), /a line that is none/],
  "with sums in capitals": [
    sums((text) => text.replace(/^[0-9a-f]+/, (each) => each.toUpperCase())),
    /a line that is none/,
  ],
  "with the sums' own digest": [
    sums((text) => `${text}${"0".repeat(64)}  ${sumsPath}\n`),
    /lists other files than there are/,
  ],
  "with lines that another program ends": [sums((text) => text.replace("\n", "\u2028")), /REFUSED/],
  "with a key said twice": [edited(whole, "keys/checkpoint.vkey", twice)],
  "with more than a key": [edited(whole, "keys/checkpoint.pem", more), /holds something else than its key/],
  "without a key that was published": [without("keys/attestation.pem"), /does not bring a key \(attestation\)/],
  "with a key of no name": [besides("keys/more.pem"), belongs],
  "with a signature of nobody that is known": [signedBy("\u2014 witness.example/w1 AAAAAAAA")],
  "with a signature that has none": [signedBy("\u2014 witness.example/w1 AAAA"), /has no signature/],
  "with a signature under no name": [signedBy("\u2014  AAAAAAAA"), /is no signature/],
  "with a signature under what is no name": [signedBy("\u2014 wit+ness AAAAAAAA"), /is no signature/],
  "with an empty line behind the signatures": [edited(whole, "log/checkpoint", (text) => `${text}\n`), /REFUSED/],
  "without a checkpoint that was kept": [without(kept[0] ?? "")],
  "with a checkpoint under another size": [besides("log/checkpoints/99999", bytesOf(whole, kept[1] ?? "")), belongs],
  "with a tile of no log": [besides("log/tile/9/000"), belongs],
  "with a tile that the log never had": [besides("log/tile/0/000.p/3"), belongs],
  "with a tile that it had": [besides("log/tile/0/000.p/3", bytesOf(whole, "log/tile/0/000.p/15").slice(0, 96))],
  "with a page of its own": [besides("report/x.html"), belongs],
  "with a page beside all others": [besides("READ-ME-FIRST.html"), belongs],
  "with a document of no record": [besides(`blobs/sha256/${"0".repeat(64)}`), belongs],
  "with a statement of no promotion": [besides("attestations/x.intoto.jsonl"), belongs],
  "with a proof in a whole log": [besides("proofs/1.tlog-proof"), belongs],
  "without what is to be read first": [without("README.txt"), /README\.txt is missing/],
  "without a table": [without("promotions.csv"), /promotions\.csv is missing/],
  "with a manifest that says more": [manifest(whole, (said) => ({ ...said, more: 1 })), /not in its form \(more\)/],
  "with a manifest of no time": [manifest(whole, ({ createdAt: _, ...said }) => said), /not in its form \(createdAt\)/],
  "with a manifest of a version that is none": [
    manifest(whole, (said) => ({ ...said, packVersion: true })),
    /not in its form/,
  ],
  "with a manifest that is not canonical": [edited(whole, manifestPath, (text) => ` ${text}`), /REFUSED/],
  "with what was left out for no reason": [
    manifest(nameless, ({ documentsLeftOut, ...said }) => ({
      ...said,
      documentsLeftOut: (documentsLeftOut as readonly object[]).map((each) => ({ ...each, why: 0 })),
    })),
    /not in its form \(documentsLeftOut\.0\.why\)/,
  ],
  "with a proof that says more": [
    edited(since, proof, (text) => text.replace("\nindex", "\nextra AAAA\nindex")),
    /REFUSED/,
  ],
};

describe.each(Object.entries(packs))("a pack %s", (_, [files, refused]) => {
  it("is taken by our verifier only as it is to be", async () => {
    expect((await verifiedPack(files)).holds).toBe(refused === undefined);
  });

  withTool(
    python,
    "is taken by the second verifier only as it is to be",
    async () => {
      await expectVerdict(files, refused);
    },
    () => requireOnThePage(whole),
  );
});

const zip = await zipOf(whole);
const view = new DataView(zip.buffer, zip.byteOffset, zip.length);
const end = zip.length - 22;
const directory = view.getUint32(end + 16, true);
const put = (at: number, ...bytes: readonly number[]) => {
  const copy = zip.slice();
  copy.set(bytes, at);
  return copy;
};
/** The directory begins so much further on. */
const moved = (parts: readonly Uint8Array[], by: number) => {
  const copy = concatBytes(parts);
  new DataView(copy.buffer).setUint32(copy.length - 22 + 16, directory + by, true);
  return copy;
};
const firstName = 30;
const rowName = directory + 46;

/** Each zip; taken by both only where it is as it was. */
const zips: Readonly<Record<string, Uint8Array>> = {
  "as it was written": zip,
  "with something before it": concatBytes([utf8("#!/bin/sh\n"), zip]),
  "with something before it, and all places told anew": moved([utf8("MZ"), zip], 2),
  "with something behind it": concatBytes([zip, utf8("\n")]),
  "with a comment": concatBytes([zip.slice(0, -2), Uint8Array.of(3, 0), utf8("hi!")]),
  "with something between its files and their directory": moved(
    [zip.slice(0, directory), utf8("hi!"), zip.slice(directory)],
    3,
  ),
  "with another name before a file than in the directory": put(firstName, 0x58),
  "with another name in the directory than before the file": put(rowName, 0x58),
  "of a later day": put(directory + 14, 0x22),
  "with another day before a file": put(12, 0x22),
  "with a file that may be run": put(directory + 38, 0, 0, 0xed, 0x81),
  "made by something else": put(directory + 4, 0x14, 0),
  "with another sum before a file": put(14, 1, 2, 3, 4),
  "of another disk": put(end + 4, 1),
  "with flags that say less": put(directory + 8, 0, 0),
  "with a text for every reader to see": put(directory + 36, 1),
};

describe.each(Object.entries(zips))("a zip %s", (_, bytes) => {
  const holds = bytes === zip;
  const written = () => {
    const path = join(temporaryFolder(), "audit-pack.zip");
    writeFileSync(path, bytes);
    return path;
  };

  it("is taken by our verifier only as it is to be", async () => {
    const result = await verificationOf(written(), { mode: "full", now: createdAt, known: {} });
    expect([result.holds, result.findings.length > 0]).toEqual([holds, !holds]);
  });

  withTool(
    python,
    "is taken by the second verifier only as it is to be",
    async () => {
      expect((await verdictAt(written())).status).toBe(holds ? 0 : 1);
    },
    () => expect(crc32(bytes) === crc32(zip)).toBe(holds),
  );
});
