import { describe, expect, it } from "vitest";
import { blobPath, recordPath } from "../../core/archive/pack/pack-layout.ts";
import type { PackScope } from "../../core/archive/pack/pack-manifest.ts";
import type { RunningReport } from "../../core/deployment/intruder.ts";
import { fromUtf8 } from "../../core/encoding/bytes.ts";
import { canonicalJsonBytes } from "../../core/encoding/canonical-json.ts";
import { addSeconds, type Instant } from "../../core/encoding/instant.ts";
import { sha256Hex } from "../../core/encoding/sha256.ts";
import type { Fact, LedgerRecord } from "../../core/promotion/fact.ts";
import { intruderFound, intruderGone } from "../../core/promotion/intruder-facts.ts";
import { type Files, packOf, resealed, verified } from "../core/archive/memory-pack.ts";
import { headOf, sinceHead, smallPack, withManifest } from "../core/archive/small-pack.ts";
import { attestationKeyOfPack, keptFiles, told } from "../core/archive/told.ts";
import { withTool } from "./programs.ts";
import { python, requireOnThePage, verdictOn } from "./second-verifier.ts";

// A part of the log is held to what it says of itself, and what it has is held against each other.

const last = told.house.facts.at(-1)?.at ?? expect.unreachable();

describe("a part of the log that holds no promotion", () => {
  const scopes: readonly PackScope[] = [
    { kind: "promotion", promotion: told.rejected },
    { kind: "model", model: "credit-scoring" },
    { kind: "time", from: "2026-11-01T00:00:00.000Z" as Instant, to: "2026-12-01T00:00:00.000Z" as Instant },
  ];
  const emptied = async (scope: PackScope) => withManifest(await emptyPart(), (manifest) => ({ ...manifest, scope }));

  it.each(scopes)("is none of a $kind", async (scope) => {
    const { findings } = await verified(await emptied(scope));
    expect(findings).toContainEqual({
      code: "manifest-differs",
      path: "manifest.json",
      sentence: "The manifest says what the pack is about, and there is no promotion in it.",
    });
  });

  withTool(
    python,
    "is none to the second verifier",
    async () => {
      for (const scope of scopes)
        expect(await verdictOn(await emptied(scope))).toMatchObject({
          status: 1,
          output: expect.stringContaining("REFUSED: the pack says what it is about, and holds no promotion"),
        });
    },
    async () => requireOnThePage(await smallPack({ scope: { kind: "promotion", promotion: told.rejected } })),
  );
});

describe("a promotion of which nothing that is here is of the time that a part is of", () => {
  const [from, to] = [addSeconds(last, 3600), addSeconds(last, 7200)];
  const moved = async (withoutPersonalData: boolean) => {
    const scope = { kind: "time", from: "2026-11-01T00:00:00.000Z" as Instant, to } as const;
    return withManifest(await smallPack({ scope, withoutPersonalData }), (manifest) => ({
      ...manifest,
      scope: { ...scope, from },
    }));
  };

  it("is refused, or said to be so where letters were left out", async () => {
    const { findings } = await verified(await moved(false));
    expect(findings).toContainEqual(
      expect.objectContaining({
        code: "manifest-differs",
        sentence: expect.stringContaining("nothing of this promotion was"),
      }),
    );
    const nameless = await verified(await moved(true));
    expect(nameless.findings).toEqual([]);
    expect(nameless.unchecked).toContainEqual({
      promotion: told.rejected,
      sentence:
        "Whether anything of it was recorded in the time that the manifest says: nothing that is here was, and it may be among what was left out as being about people.",
    });
  });

  withTool(
    python,
    "is so to the second verifier",
    async () => {
      expect(await verdictOn(await moved(false))).toMatchObject({
        status: 1,
        output: expect.stringContaining("REFUSED: the pack says that it holds another time"),
      });
      expect(await verdictOn(await moved(true))).toMatchObject({
        status: 0,
        output: expect.stringContaining("is of the time that the manifest says; it may be among what was left out"),
      });
    },
    async () => requireOnThePage(await moved(true)),
  );
});

/** A part of one promotion, without anything of that; the tables, which the second verifier does not look at, as they were. */
async function emptyPart(): Promise<Files> {
  const files = await smallPack({ scope: { kind: "promotion", promotion: told.rejected } });
  const records = [...files].flatMap(([name, bytes]) => {
    const index = /^records\/(\d+)\.json$/.exec(name)?.[1];
    return index === undefined ? [] : [{ index: Number(index), record: JSON.parse(fromUtf8(bytes)) as LedgerRecord }];
  });
  const own = records.filter(({ record }) => record.promotion === told.rejected);
  const gone = [
    ...own.flatMap(({ index }) => [recordPath(index), `proofs/${index}.tlog-proof`]),
    ...own.flatMap(({ record }) => record.attachments.map(({ sha256 }) => blobPath(sha256))),
    ...[...files.keys()].filter((name) => name.includes(told.rejected)),
  ];
  return withManifest(resealed(files, Object.fromEntries(gone.map((name) => [name, undefined]))), (manifest) => ({
    ...manifest,
    records: records.length - own.length,
    recordsLeftOut: Number(manifest["recordsLeftOut"]) + own.length,
    promotions: [],
  }));
}

const place = { kind: "sagemaker-endpoint", target: "production", endpoint: "fraud" } as const;
const report: RunningReport = {
  ...{ readAt: last, place, expected: null },
  ...{ revision: "quick-fix", promotion: null, candidate: null },
};
const running = canonicalJsonBytes({ ...report, place: { ...place } });
const found = intruderFound(
  { promotion: undefined, place },
  [],
  { kind: "unapproved", why: "Nobody approved it.", running: "quick-fix", action: "report" },
  [{ name: "running.json", mediaType: "application/json", sha256: sha256Hex(running) }],
  last,
);
const gone = intruderGone(found, last);
const sizes = [...keptFiles.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []).map(Number);
const head = headOf(keptFiles, Math.max(...sizes.filter((size) => size < 150)));
const since = { scope: sinceHead(head) };
const nameless = { withoutPersonalData: true };
const early: Fact = { ...gone, at: addSeconds(last, -6) };

describe("what ran where nothing was ever approved", () => {
  const packWith = (facts: readonly Fact[], over: Parameters<typeof packOf>[1]): Promise<Files> => {
    const house = { facts: [...told.house.facts, ...facts], attestation: { key: attestationKeyOfPack } };
    const blobs = new Map([...told.house.blobs, [sha256Hex(running), running]]);
    return packOf({ house: { ...house, blobs } }, over);
  };
  /** What ours says, and the second verifier. */
  type Case = readonly [string, readonly Fact[], typeof since | typeof nameless, ours?: string, theirs?: string];
  const cases: readonly Case[] = [
    ["and is gone, without personal data", [found, gone], nameless],
    [
      "was never found and is gone, without personal data",
      [gone],
      nameless,
      "It is about something that was never found.",
      "an intruder is answered that was never found",
    ],
    ["was found before what is here and is gone", [gone], since],
    [
      "was gone before it was found, in what came since",
      [found, early],
      since,
      "It is about something that was not found yet.",
      "an intruder is answered that was not found yet",
    ],
    [
      "was of another kind, in what came since",
      [{ ...found, body: { ...found.body, kind: "altered" } }],
      since,
      "It is recorded as 'altered', and what ran then comes to 'unapproved'.",
      "an intruder is of another kind than what ran comes to",
    ],
  ];

  it.each(cases.map((each) => ({ name: each[0], each })))("$name", async ({ each: [, facts, over, ours] }) => {
    const { findings } = await verified(await packWith(facts, over), "scope" in over ? { since: head } : {});
    expect(findings.map(({ sentence }) => sentence)).toEqual(ours === undefined ? [] : [ours]);
  });

  withTool(
    python,
    "is so to the second verifier",
    async () => {
      for (const [name, facts, over, , theirs] of cases) {
        const { status, output } = await verdictOn(await packWith(facts, over));
        const said = theirs === undefined ? "Everything that was checked holds." : `REFUSED: ${theirs}`;
        expect([name, status, output]).toEqual([name, theirs === undefined ? 0 : 1, expect.stringContaining(said)]);
      }
    },
    async () => requireOnThePage(await packWith([found, gone], nameless)),
  );
});
