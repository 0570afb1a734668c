import { describe, expect, it } from "vitest";
import { recheckWatched } from "../../../../core/archive/promotion/verify-watched.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../../core/encoding/sha256.ts";
import type { Fact } from "../../../../core/promotion/fact.ts";
import { id, now, promotionInReview } from "../../promotion/promotion-in-review.ts";
import { packOf, verified } from "../pack-fixture.ts";
import { releasedUnderConditions } from "../released-under-conditions.ts";
import { withChanged } from "../retelling.ts";

type Told = { readonly [member: string]: Json };

describe("a release that its own record says was not to go on", async () => {
  const { house, deployed } = await releasedUnderConditions();
  const name = `countersign-${deployed.promotion}-errors`;
  const findings = async (change: (document: Told) => Told) => {
    const pack = await packOf(
      { house },
      withChanged(house, deployed, "deployment.json", (told) => change(told as Told)),
    );
    return (await verified(pack)).findings.map(({ code, sentence }) => `${code}: ${sentence}`);
  };

  it("is none as it was told", async () => {
    expect(await findings((document) => document)).toEqual([]);
    // There is nothing to measure where nobody asks.
    const quiet = (document: Told) =>
      (document["alarms"] as readonly object[]).map((each) => ({ ...each, state: "INSUFFICIENT_DATA" }));
    expect(await findings((document) => ({ ...document, alarms: quiet(document) as Json }))).toEqual([]);
  });

  it.each<[string, Told, string]>([
    ["is raised", { alarms: [{ name, state: "ALARM", reason: "40 percent" }] }, `its alarm '${name}' was raised`],
    [
      "was raised meanwhile",
      { alarms: [{ name, state: "OK", raisedAt: "2026-11-23T12:00:00.000Z" }] },
      `its alarm '${name}' had been raised at 2026-11-23T12:00:00.000Z`,
    ],
    ["is gone", { alarms: [{ name, state: "missing" }] }, `its alarm '${name}' was gone`],
    ["is another's", { alarms: [{ name: "errors", state: "OK" }] }, `nothing says how its alarm '${name}' stood`],
    ["says nothing", { alarms: [] }, `nothing says how its alarm '${name}' stood`],
  ])("is found where what watched it %s", async (_, said, why) => {
    expect(await findings((document) => ({ ...document, ...said }))).toEqual([
      `deployment-differs: It is recorded as deployed, although ${why}.`,
    ]);
  });

  it("is found where nothing is kept of it, or in no form that is known", async () => {
    expect(await findings(({ alarms: _, ...document }) => document)).toEqual([
      `deployment-differs: It is recorded as deployed, although nothing says how its alarm '${name}' stood.`,
    ]);
    expect(await findings((document) => ({ ...document, alarms: "quiet" }))).toEqual([
      "deployment-differs: deployment.json does not say what watched it in a form that is known here.",
    ]);
  });
});

describe("a release in a cluster", () => {
  const fact = (type: Fact["type"], body: Fact["body"]): Fact => ({
    ...{ id: `${id}/9`, promotion: id, type, at: now, summary: "", body, attachments: [] },
  });
  interface Otherwise {
    readonly began?: boolean;
    readonly after?: readonly Fact[];
    readonly kept?: readonly string[];
    readonly inPack?: boolean;
  }
  const said = async (
    alarms: Json | undefined,
    told: Json,
    kind = "kubernetes",
    type: Fact["type"] = "deployed",
    { began = true, after = [], kept = ["deployment.json"], inPack = true }: Otherwise = {},
  ) => {
    const release = { kind: "update", traffic: { kind: "all-at-once", waitSeconds: 0 } };
    const begun = fact("deployment-started", { release: alarms === undefined ? release : { ...release, alarms } });
    const promotion = promotionInReview();
    const manifest = { ...promotion.manifest, target: { ...promotion.manifest.target, kind } };
    const bytes = canonicalJsonBytes(told);
    const attachments = kept.map((name) => ({ name, mediaType: "application/json", sha256: sha256Hex(bytes) }));
    const step = {
      record: { ...fact(type, { endpoint: "credit-scoring" }), attachments, recordVersion: 1 },
      before: { ...promotion, history: began ? [begun, ...after] : [] },
      after: { ...promotion, manifest },
    };
    return await recheckWatched(step as object as Parameters<typeof recheckWatched>[0], async () =>
      inPack ? bytes : undefined,
    );
  };
  const bounds = { kind: "own", errorPercent: 1, p95Milliseconds: 200 };

  it.each<[string, Json]>([
    ["within its bounds", { measured: { requests: 200, errors: 2, p95Milliseconds: 200 } }],
    ["that was asked nothing", { measured: { requests: 0, p95Milliseconds: 900 } }],
    ["of which nobody could count anything", { measured: {} }],
  ])("went on rightly %s", async (_, told) => {
    expect(await said(bounds, told)).toBeUndefined();
  });

  it.each<[string, Json, string]>([
    [
      "with too many errors",
      { measured: { requests: 200, errors: 3, p95Milliseconds: 1 } },
      "it answered 1.5 percent of its requests with an error, and 1 is the most",
    ],
    [
      "too slow",
      { measured: { requests: 200, errors: 0, p95Milliseconds: 201 } },
      "it took more than 201 ms for 5 of 100 answers, and 200 is the most",
    ],
    ["unmeasured", {}, "nothing says what was measured of it"],
    ["how fast, nobody knows", { measured: { requests: 1 } }, "it answered requests, and nobody measured how fast"],
  ])("did not: %s", async (_, told, why) => {
    expect(await said(bounds, told)).toBe(`It is recorded as deployed, although ${why}.`);
    expect(await said(bounds, told, "kubernetes", "traffic-shifted")).toContain(why);
    // A roll-back begins for that very reason, and what others deploy by themselves they watch as they like.
    expect(await said(bounds, told, "kubernetes", "rollback")).toBeUndefined();
    expect(await said(bounds, told, "pipeline")).toBeUndefined();
  });

  it("is held against the one bound that there is", async () => {
    const told = { measured: { requests: 200, errors: 3, p95Milliseconds: 201 } };
    expect(await said({ kind: "own", errorPercent: 1 }, told)).toContain("1.5 percent");
    expect(await said({ kind: "own", p95Milliseconds: 200 }, told)).toContain("201 ms");
    expect(await said({ kind: "own", errorPercent: 2 }, told)).toBeUndefined();
  });

  it("is held against how it began, whatever was told after that", async () => {
    const shifted = fact("traffic-shifted", { endpoint: "credit-scoring", percent: 10 });
    expect(await said(bounds, {}, "kubernetes", "deployed", { after: [shifted] })).toContain("nothing says what");
  });

  it.each<[string, Otherwise]>([
    ["did not begin", { began: false }],
    ["keeps nothing", { kept: [] }],
    ["keeps something else", { kept: ["verdict.dsse.json"] }],
    ["keeps what is not in the pack", { inPack: false }],
  ])("that %s is for other rules to say", async (_, otherwise) => {
    expect(await said(bounds, {}, "kubernetes", "deployed", otherwise)).toBeUndefined();
  });

  it("without bounds is watched by nothing", async () => {
    expect(await said(undefined, {})).toBeUndefined();
  });
});
