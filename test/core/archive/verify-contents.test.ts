import { describe, expect, it } from "vitest";
import type { LanePlace } from "../../../core/archive/beside/verify-lanes.ts";
import type { InspectedPromotion } from "../../../core/archive/inspect-promotion.ts";
import { inspectAll } from "../../../core/archive/inspected-records.ts";
import { fileStates, markRow, marks } from "../../../core/archive/pack/file-states.ts";
import { keysOfPack } from "../../../core/archive/pack/pack-keys.ts";
import { readPackManifest } from "../../../core/archive/pack/pack-manifest.ts";
import { restsOnNone } from "../../../core/archive/promotion/under-policies.ts";
import { type ContentsInput, verifyContents } from "../../../core/archive/verify-contents.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import type { Sha256 } from "../../../core/encoding/sha256.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { digestOf } from "../promotion/promotion-in-review.ts";
import { type Files, resealed, verifyOptions } from "./memory-pack.ts";
import { headOf, sinceHead, smallFacts, smallPack, withManifest, wrongWith } from "./small-pack.ts";
import { keptFiles, keptManifest, policyOf, told } from "./told.ts";

const whole = await smallPack();
const part = await smallPack({ scope: { kind: "promotion", promotion: told.rejected } });
const earlier = headOf(whole, 7);
const since = await smallPack({ scope: sinceHead(earlier) });
const more = utf8("more\n");
const wrong = (files: Files, changes: Readonly<Record<string, Uint8Array | undefined>>, over = {}) =>
  wrongWith(resealed(files, changes), over);

describe("a file that belongs to nothing", () => {
  const unexpected = (name: string) => `file-unexpected ${name}: ${name} belongs to no record of the pack.`;

  it.each(["more.txt", "blobs/sha256/more", "bundles/more.json"])("is named: %s", async (name) => {
    for (const files of [whole, part]) expect(await wrong(files, { [name]: more })).toEqual([unexpected(name)]);
    expect(await wrong(since, { [name]: more }, { since: earlier })).toEqual([unexpected(name)]);
  });

  it("is named in the folder of the log as well, where the pack holds a part of it", async () => {
    expect(await wrong(part, { "log/tile/0/more": more })).toEqual([unexpected("log/tile/0/more")]);
    expect(await wrong(part, { "log/checkpoints/7": more })).toEqual([unexpected("log/checkpoints/7")]);
    expect((await wrong(whole, { "log/tile/0/more": more })).join("\n")).toMatch(
      /^unknown-object log\/tile\/0\/more: .*$/,
    );
  });

  it("is named where what was verified before is not verified again", async () => {
    const name = "report/more.html";
    expect(await wrong(whole, { [name]: more }, { since: headOf(whole, 14) })).toEqual([unexpected(name)]);
    expect(await wrong(whole, {}, { since: headOf(whole, 14) })).toEqual([]);
  });
});

describe("what is made again of the records", () => {
  const differs = (name: string) => `view-differs ${name}: ${name} does not say what the records say.`;

  it.each(["verify.sh", "keys/checkpoint.pem", "records.csv", "promotions.csv", "parquet/sign-offs/sign-offs.parquet"])(
    "is what the pack has: %s",
    async (name) => {
      for (const files of [whole, part]) expect(await wrong(files, { [name]: more })).toEqual([differs(name)]);
      expect(await wrong(whole, { [name]: undefined })).toEqual([`file-missing ${name}: ${name} is missing.`]);
    },
  );
});

describe("the installation", () => {
  const policy = smallFacts.find(({ type }) => type === "policy-activated")?.attachments[0]?.sha256;

  it("has the documents that its records name", async () => {
    const path = `blobs/sha256/${policy}`;
    const { length } = (await wrong(whole, { [path]: undefined })).filter((each) =>
      each.startsWith("document-missing"),
    );
    expect(length).toBeGreaterThan(0);
  });

  it("tells which policies were in force, in a whole log alone", async () => {
    const facts = smallFacts.map((fact) =>
      fact.type === "policy-activated" ? { ...fact, body: { ...fact.body, number: 7 } } : fact,
    );
    const counted = "policy-differs records/3.json: It is counted as another version than it is.";
    expect(await wrongWith(await smallPack({ facts }))).toContain(counted);
    const scope = { kind: "promotion", promotion: told.rejected } as const;
    expect(await wrongWith(await smallPack({ facts, scope }))).not.toContain(counted);
  });
});

describe("what promotions say of each other", () => {
  const place = (over: Partial<LanePlace> = {}): LanePlace => ({
    ...{ promotion: told.rejected, lane: "credit-scoring in production", index: 7, askedAt: keptManifest.createdAt },
    ...{ release: "update", replacements: [] },
    ...over,
  });
  const promotionOf = (over: Partial<InspectedPromotion> = {}): InspectedPromotion => ({
    ...{
      verdict: { promotion: told.rejected },
      row: [],
      signedFor: [],
      findings: [],
      unchecked: [],
      under: { kind: "told", ...restsOnNone },
      keptFrom: [],
    },
    ...over,
  });
  /** What the contents come to, of a pack in which all else belongs to something. */
  async function contents(
    promotions: readonly InspectedPromotion[],
    over: {
      readonly files?: Files;
      readonly since?: ContentsInput["options"]["since"];
      readonly policies?: boolean;
      readonly late?: ContentsInput["late"];
    } = {},
  ) {
    const { files = whole, since: head, policies = true, late = new Map() } = over;
    const source = memorySource(files);
    const states = fileStates(source.count);
    for (let row = 0; row < source.count; row += 1) markRow(states, row, marks.wanted);
    const inspected = await inspectAll({ files: 0, indices: [], log: false, tables: false }, async () => ({
      ...{
        leaves: new Uint8Array(),
        times: new Float64Array(),
        malformed: [],
        byPromotion: [],
        installation: [],
        installationRecords: [],
        keyRecords: [],
      },
      ...{ passkeyRecords: [], delegationRecords: [], policyRecords: [], deployments: [], signOffs: [], findings: [] },
      ...{ promotions: [], settled: [], signInKeys: [], problems: [] },
    }));
    const records = { findings: [], indices: [], byPromotion: new Map(), installationRecords: [] };
    return await verifyContents({
      ...{ source, states, manifest: readPackManifest(files.get("manifest.json") ?? more) },
      inspected: { ...inspected, promotions, policyRecords: policies ? [3] : [] },
      records: { ...records, keyRecords: [], passkeyRecords: [], delegationRecords: [] },
      confirmations: [],
      keys: await keysOfPack(source),
      trusted: { keys: [] },
      late,
      goesTo: undefined,
      options: verifyOptions({ policyOf, ...(head === undefined ? {} : { since: head }) }),
    });
  }
  const sentences = async (...[promotions, over]: Parameters<typeof contents>) =>
    (await contents(promotions, over)).findings.map(({ sentence }) => sentence);
  const lied = promotionOf({ place: place() });

  it("is held against all the others, where every promotion of the log is here", async () => {
    const wrong = "It was judged as an update, and no version of the model had been deployed in the target before.";
    expect(await sentences([lied])).toEqual([wrong]);
    expect(await sentences([lied], { files: part })).toEqual([]);
    expect(await sentences([lied], { since: earlier })).toEqual([]);
  });

  it("is not held against one of which something is wrong, or that cannot be read", async () => {
    const unsound = promotionOf({
      verdict: { promotion: told.withdrawn },
      findings: [{ code: "life-cycle", path: "records/7.json", promotion: told.withdrawn, sentence: "Why." }],
    });
    expect(await sentences([unsound, lied])).toEqual(["Why."]);
    // What is wrong with the pack as a whole is nobody's own.
    const ofPack = promotionOf({ findings: [{ code: "order", path: "records/7.json", sentence: "Why." }] });
    expect(await sentences([ofPack, lied])).toHaveLength(2);
    // Nor is its own place taken from it.
    const at = addSeconds(keptManifest.createdAt, 60);
    const back = { index: 9, at, to: told.withdrawn, verdict: digestOf("verdict") };
    const { findings } = await contents([
      { ...unsound, place: place({ promotion: told.withdrawn, verdict: back.verdict, deployedAt: at }) },
      promotionOf({ place: place({ replacements: [back] }) }),
    ]);
    expect(findings.map(({ sentence }) => sentence)).toEqual(["Why."]);
  });

  it("is said to be untold where the other is not here, with what each cannot tell", async () => {
    const back = { index: 9, at: keptManifest.createdAt, to: told.withdrawn, verdict: digestOf("verdict") };
    const own = { promotion: told.rejected, sentence: "Who started it is not known." };
    const { unchecked, promotions } = await contents(
      [promotionOf({ place: place({ replacements: [back] }), unchecked: [own] })],
      { files: part },
    );
    expect(unchecked).toEqual([
      own,
      { promotion: told.rejected, sentence: expect.stringMatching(/^Whether it was an update, as its request says/) },
      { promotion: told.rejected, sentence: expect.stringContaining(told.withdrawn) },
    ]);
    expect(promotions).toEqual([{ promotion: told.rejected }]);
  });

  it("is which place in a budget each of their loans has: no two have one", async () => {
    const budgeted = (promotion: PromotionId, number: number) =>
      promotionOf({
        verdict: { promotion },
        budgeted: { promotion, index: 100 + number, model: "credit-scoring", period: "2026-Q4", number },
      });
    const first = budgeted(told.lent, 1);
    expect(await sentences([first, budgeted(told.ratified, 2)])).toEqual([]);
    expect((await contents([first, budgeted(told.ratified, 1)])).findings).toEqual([
      {
        code: "loan-invalid",
        path: "records/101.json",
        promotion: told.ratified,
        sentence: "Two loans to 'credit-scoring' are both said to be number 1 of 2026-Q4.",
      },
    ]);
  });

  it("is by policies of which a whole log says when they were in force", async () => {
    const policy = smallFacts.find(({ type }) => type === "policy-activated")?.body["policy"] as Sha256;
    const judgedBy = [{ index: 9, at: keptManifest.createdAt, policy }];
    const judged = [promotionOf(), promotionOf({ under: { kind: "told", ...restsOnNone, judgedBy } })];
    const none = "The log does not tell which policies were in force when something was judged by some.";
    expect(await sentences(judged, { policies: false })).toContain(none);
    expect(await sentences(judged)).not.toContain(none);
    expect(await sentences([promotionOf()], { policies: false })).toEqual([]);
    // A part does not tell of policies, which is said of it anyway.
    expect(await sentences(judged, { policies: false, files: part })).not.toContain(none);
  });
});

it("a manifest that leaves out what a whole log has makes it no whole log", async () => {
  const changed = withManifest(keptFiles, (manifest) => ({ ...manifest, personalRecordsLeftOut: [] }));
  expect((await wrongWith(changed, { mode: "checkpoint" })).join("\n")).toMatch(/record-unproven/);
});
