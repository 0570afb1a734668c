import { beforeAll, describe, expect, it } from "vitest";
import type { PackFinding } from "../../../../core/archive/pack/pack-findings.ts";
import type { VerifyPackOptions } from "../../../../core/archive/pack-verification.ts";
import { hex } from "../../../../core/encoding/bytes.ts";
import { parseCheckpoint } from "../../../../core/ledger/checkpoint.ts";
import { type Files, packOf, resealed, verified } from "../pack-fixture.ts";
import { flipped } from "../retelling.ts";
import { recordEverything } from "./everything.ts";
import { fileKinds, type Noticed } from "./file-kinds.ts";

// Whoever gets hold of a pack changes it: carelessly, with SHA256SUMS as it was, or carefully, with every sum made to fit.

const packs = { whole: new Map(), part: new Map(), since: new Map() } as Record<"whole" | "part" | "since", Files>;
beforeAll(async () => {
  const recorded = await recordEverything();
  packs.whole = await packOf(recorded);
  packs.part = await packOf(recorded, { scope: { kind: "promotion", promotion: recorded.kept } });
  const { size, root } = parseCheckpoint(packs.whole.get("log/checkpoints/63") ?? new Uint8Array()).checkpoint;
  packs.since = await packOf(recorded, { scope: { kind: "since", size, root: hex(root) } });
});

const kinds = Object.values(fileKinds).flat();
// What is the same in several packs is done to one of them: what is said of it in the first, and that something is said at all in one
// of a few records where there is one, which is verified in a fraction of the time.
const cases = kinds.map((kind) => ({
  ...kind,
  pack: kind.packs[0],
  small: kind.packs.find((name) => name !== "whole") ?? kind.packs[0],
}));

/** Some file of a kind, and its bytes. */
function sample(pack: keyof typeof packs, path: RegExp): readonly [string, Uint8Array] {
  const found = [...packs[pack]].find(([name]) => path.test(name));
  if (found === undefined) throw new Error(`The pack has no ${path}.`);
  return found;
}

async function findings(files: Files, mode: VerifyPackOptions["mode"] = "full"): Promise<readonly PackFinding[]> {
  const { holds, findings: all } = await verified(files, { mode });
  expect(holds).toBe(false);
  return all;
}

function expectNoticed(all: readonly PackFinding[], { code, sentence, path }: Noticed, name: string): void {
  expect(all).toContainEqual(
    expect.objectContaining({
      code,
      sentence: expect.stringMatching(sentence),
      path: path === undefined ? name : expect.stringMatching(path),
    }),
  );
}

it("the packs hold before anything is done to them, and each of their files is of one kind", async () => {
  for (const pack of ["whole", "part", "since"] as const) {
    expect((await verified(packs[pack])).findings).toEqual([]);
    for (const name of packs[pack].keys()) {
      if (name === "SHA256SUMS") continue;
      const of = kinds
        .filter(({ packs: holding, path }) => holding.includes(pack) && path.test(name))
        .map(({ what }) => what);
      expect(of, name).toHaveLength(1);
    }
  }
});

describe.each(cases)("$what", ({ pack, small, path, change = flipped, changed, lost }) => {
  it("changed carelessly, at its beginning, in its middle or at its end, is named", async () => {
    const [name, bytes] = sample(small, path);
    // Sums are compared in both modes, and one of them takes a sixth of the time.
    for (const [at, mode] of [
      [0, "checkpoint"],
      [bytes.length >> 1, "full"],
      [bytes.length - 1, "checkpoint"],
    ] as const) {
      const all = await findings(new Map(packs[small]).set(name, flipped(bytes, at)), mode);
      expectNoticed(all, { code: "file-changed", sentence: /does not have the bytes that SHA256SUMS gives/ }, name);
    }
  });

  it("changed carefully is noticed, at its beginning, in its middle and at its end", async () => {
    const [name, bytes] = sample(pack, path);
    expectNoticed(await findings(resealed(packs[pack], { [name]: change(bytes) })), changed, name);
    const [other, same] = sample(small, path);
    for (const at of [0, same.length - 1]) await findings(resealed(packs[small], { [other]: flipped(same, at) }));
  });

  it("lost carelessly is named", async () => {
    const [name] = sample(pack, path);
    const rest = new Map(packs[pack]);
    rest.delete(name);
    expectNoticed(
      await findings(rest, "checkpoint"),
      { code: "file-missing", sentence: /is in SHA256SUMS, but not in the pack/ },
      name,
    );
  });

  it(lost === "by-design" ? "lost carefully is what a pack may lack" : "lost carefully is noticed", async () => {
    const [name] = sample(pack, path);
    const rest = resealed(packs[pack], { [name]: undefined });
    if (lost === "by-design") expect((await verified(rest)).findings).toEqual([]);
    else expectNoticed(await findings(rest), lost, name);
  });

  it("put in a second time, under another name, is noticed", async () => {
    const [name, bytes] = sample(small, path);
    const copy = `${name}.copy`;
    const all = await findings(resealed(packs[small], { [copy]: bytes }));
    expect(all.map((finding) => finding.path)).toContain(copy);
  });
});

describe("SHA256SUMS", () => {
  it.each<[string, (sums: Uint8Array) => Uint8Array | undefined, Noticed, string]>([
    ["lost", () => undefined, { code: "file-missing", sentence: /^The pack has no SHA256SUMS\.$/ }, "SHA256SUMS"],
    [
      "with another digest",
      (sums) => sums.with(0, sums[0] === 0x30 ? 0x31 : 0x30),
      { code: "file-changed", sentence: /does not have the bytes that SHA256SUMS gives/ },
      "README.txt",
    ],
    [
      "with a line that is none",
      (sums) => sums.with(64, 0x21),
      { code: "sums-malformed", sentence: /./ },
      "SHA256SUMS",
    ],
    ["cut off", (sums) => sums.subarray(0, -1), { code: "sums-malformed", sentence: /./ }, "SHA256SUMS"],
  ])("%s is noticed", async (_, change, noticed, path) => {
    const [name, bytes] = sample("whole", /^SHA256SUMS$/);
    const files = new Map(packs.whole);
    const sums = change(bytes);
    if (sums === undefined) files.delete(name);
    else files.set(name, sums);
    expectNoticed(await findings(files), noticed, path);
  });
});
