import { describe, expect, it } from "vitest";
import { type InspectionContext, inspect, type PackJob } from "../../../core/archive/inspect-pack.ts";
import { inspectionOf, openPack } from "../../../core/archive/open-pack.ts";
import { checkedSource, fileStates, isMarked, marks } from "../../../core/archive/pack/file-states.ts";
import { isTable } from "../../../core/archive/pack/pack-layout.ts";
import type { VerifyPackOptions } from "../../../core/archive/pack-verification.ts";
import { memorySource } from "../../../core/archive/zip/pack-source.ts";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { addSeconds } from "../../../core/encoding/instant.ts";
import { leafHash } from "../../../core/ledger/merkle.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { now } from "../promotion/promotion-in-review.ts";
import { type Files, resealed, verifyOptions } from "./memory-pack.ts";
import { smallPack } from "./small-pack.ts";
import { keptFiles, policyOf, recordsOf, told } from "./told.ts";

const records = recordsOf(told.house.facts);
const small = await smallPack();

/** Everything that the work on a pack is done with. */
async function contextOf(files: Files, over: Partial<VerifyPackOptions> = {}): Promise<InspectionContext> {
  const options = verifyOptions({ policyOf, ...over });
  const pack = memorySource(files);
  const states = fileStates(pack.count);
  const source = checkedSource(pack, states, options.startSha256);
  const opened = await openPack(source, options);
  if ("code" in opened) throw new Error(opened.sentence);
  return inspectionOf({ pack, source, states, opened, options });
}
const ofLog = (files: Files) => contextOf(files, { mode: "checkpoint" });
const done = async (job: PackJob, files: Files = keptFiles) => await inspect(job, await ofLog(files));
const indices = records.map(({ index }) => index);
const ofType = (...types: readonly FactType[]) =>
  records.filter(({ record }) => types.includes(record.type)).map(({ index }) => index);
const ofPromotion = (promotion: PromotionId | undefined, of = records) =>
  of.filter(({ record }) => record.promotion === promotion).map(({ index }) => index);

describe("records of a pack", () => {
  it("are told by what they are about: promotions, the installation, keys, people, policies", async () => {
    const result = await done({ kind: "records", indices });
    expect(result).toMatchObject({
      malformed: [],
      findings: [],
      promotions: [],
      problems: [],
      installationRecords: ofType("installation"),
      keyRecords: ofType("key"),
      passkeyRecords: ofType("passkey-enrolled", "passkey-confirmed", "passkey-revoked"),
      delegationRecords: ofType("delegated", "delegation-revoked"),
      policyRecords: ofType("policy-activated"),
      signOffs: ofType("sign-off"),
    });
    expect(result.installation).toEqual(
      records.flatMap(({ index, record }) => (record.promotion === undefined ? [[index, record.id]] : [])),
    );
    const promotions = [...new Set(records.flatMap(({ record }) => record.promotion ?? []))];
    expect(result.byPromotion).toEqual(promotions.map((promotion) => [promotion, ofPromotion(promotion)]));
    // Only the log is looked at.
    expect(result).not.toHaveProperty("table");
    expect(result).not.toHaveProperty("log");
  });

  it("have the leaf hashes of their bytes, in the order of the job; what is missing has that of nothing", async () => {
    const { leaves, malformed } = await done({ kind: "records", indices: [3, 1, 9999] });
    const bytes = (index: number) => keptFiles.get(`records/${index}.json`) ?? new Uint8Array();
    expect(leaves).toEqual(Uint8Array.from([3, 1, 9999].flatMap((index) => [...leafHash(bytes(index))])));
    expect(malformed).toEqual([9999]);
  });

  it("that cannot be read belong to nobody", async () => {
    const files = resealed(small, { "records/0.json": utf8("{}") });
    const result = await done({ kind: "records", indices: [0, 1] }, files);
    expect(result.malformed).toEqual([0]);
    expect(result.installation.map(([index]) => index)).toEqual([1]);
  });

  it("make a group of a table, and their promotions are verified, where the whole pack is", async () => {
    const context = await contextOf(small);
    const count = [...small.keys()].filter((name) => name.startsWith("records/")).length;
    const { table, promotions } = await inspect(
      { kind: "records", indices: Array.from({ length: count }, (_, index) => index) },
      context,
    );
    expect(table?.csv.length).toBeGreaterThan(0);
    expect(promotions.map(({ verdict }) => [verdict.promotion, verdict.status])).toEqual([
      [told.rejected, "rejected"],
      [told.withdrawn, "withdrawn"],
      [told.expired, "expired"],
    ]);
    expect(promotions.flatMap(({ findings }) => findings)).toEqual([]);
  });

  it("of promotions that were verified before are not verified again: nothing was recorded of them since", async () => {
    const count = [...small.keys()].filter((name) => name.startsWith("records/")).length;
    const all = { kind: "records", indices: Array.from({ length: count }, (_, index) => index) } as const;
    const checkpoints = [...small.keys()].flatMap((name) => /^log\/checkpoints\/(\d+)$/.exec(name)?.[1] ?? []);
    const size = Math.min(...checkpoints.map(Number));
    const goesTo = addSeconds(told.house.facts.at(-1)?.at ?? now, 5 * 86_400);
    const context = await contextOf(small);
    const { promotions, byPromotion } = await inspect(all, { ...context, since: { size, goesTo } });
    const since = byPromotion.filter(([, own]) => (own.at(-1) ?? 0) >= size).map(([id]) => id);
    expect(promotions.map(({ verdict }) => verdict.promotion)).toEqual(since);
    // At the very entry from which on nothing is known, something was recorded since.
    const [[promotion, own] = [told.rejected, []]] = byPromotion;
    const last = own.at(-1) ?? 0;
    const whole = { kind: "promotions", promotions: [[promotion, own]] } as const;
    expect((await inspect(whole, { ...context, since: { size: last, goesTo } })).promotions).toHaveLength(1);
    expect((await inspect(whole, { ...context, since: { size: last + 1, goesTo } })).promotions).toEqual([]);
  });

  it("of promotions that were ever lent are looked at whenever those were verified", async () => {
    const job = { kind: "promotions", promotions: [[told.lent, ofPromotion(told.lent)]] } as const;
    const { promotions } = await inspect(job, {
      ...(await contextOf(keptFiles)),
      since: { size: 1_000_000, goesTo: now },
    });
    expect(promotions.map(({ verdict, budgeted }) => [verdict.promotion, budgeted?.number])).toEqual([[told.lent, 1]]);
  });
});

describe("other work on a pack", () => {
  it("is a whole promotion by the indices of its records", async () => {
    const context = await contextOf(keptFiles);
    const promotions = [told.withdrawn, told.expired].map((id) => [id, ofPromotion(id)] as const);
    const result = await inspect({ kind: "promotions", promotions }, context);
    expect(result.promotions.map(({ verdict }) => verdict)).toEqual([
      { promotion: told.withdrawn, title: expect.stringContaining("in production"), status: "withdrawn", signOffs: 0 },
      { promotion: told.expired, title: expect.stringContaining("in production"), status: "expired", signOffs: 0 },
    ]);
    expect(result.byPromotion).toEqual([]);
    // Where only the log is looked at, no promotion is.
    expect((await done({ kind: "promotions", promotions })).promotions).toEqual([]);
  });

  it("is the log, from its own objects alone", async () => {
    const { log } = await done({ kind: "log" });
    expect(log?.verification).toMatchObject({ findings: [] });
    expect(log?.leaves.map(({ first, hashes }) => [first, hashes.length / 32])).toEqual([[0, records.length]]);
    const without = await done({ kind: "log" }, resealed(keptFiles, { "log/checkpoint": undefined }));
    expect(without.log?.verification.findings).not.toEqual([]);
  });

  it("is a table, and files of tables against what they must consist of", async () => {
    const signOffs = ofType("sign-off").map((index) => [index, []] as const);
    const { table } = await done({ kind: "table", table: "sign-offs", signOffs });
    expect(table?.csv.length).toBeGreaterThan(0);
    const files = [
      { path: "records.csv", pieces: [] },
      { path: "none.csv", pieces: [] },
    ];
    expect((await done({ kind: "pieces", files })).findings.map(({ code, path }) => `${code} ${path}`)).toEqual([
      "view-differs records.csv",
      "file-missing none.csv",
    ]);
  });

  it("is the list of sums: what is wrong with its lines is told, and each is noted", async () => {
    const context = await ofLog(small);
    expect((await inspect({ kind: "sums" }, context)).findings).toEqual([]);
    expect([...small.keys()].map((_, row) => isMarked(context.states, row, marks.listed))).toEqual(
      [...small.keys()].map((name) => name !== "SHA256SUMS"),
    );
    const strange = new Map(small).set("SHA256SUMS", utf8("no sums\n"));
    expect((await inspect({ kind: "sums" }, await ofLog(strange))).findings).toMatchObject([
      { code: "sums-malformed" },
    ]);
  });

  it("is the rest of the files, but for tables, which are hashed by whoever compares them", async () => {
    const context = await ofLog(small);
    const names = [...small.keys()];
    expect(await inspect({ kind: "rest", from: 0, to: names.length }, context)).toMatchObject({
      findings: [],
      promotions: [],
    });
    const hashed = names.filter((_, row) => isMarked(context.states, row, marks.hashed));
    expect(hashed).toEqual(names.filter((name) => name !== "SHA256SUMS" && !isTable(name)));
  });

  it("tells what was noticed about the container", async () => {
    const context = await ofLog(small);
    const problems = [{ name: "a", sentence: "It was altered." }];
    const source = { ...context.source, problems: () => problems };
    expect((await inspect({ kind: "rest", from: 0, to: 0 }, { ...context, source })).problems).toEqual(problems);
  });
});
