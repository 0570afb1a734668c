import { describe, expect, it } from "vitest";
import type { PackJob, PackJobResult } from "../../../core/archive/inspect-pack.ts";
import type { InspectedPromotion } from "../../../core/archive/inspect-promotion.ts";
import { type Inspected, inspectAll } from "../../../core/archive/inspected-records.ts";
import type { PackFinding } from "../../../core/archive/pack/pack-findings.ts";
import { restsOnNone } from "../../../core/archive/promotion/under-policies.ts";
import type { PromotionId } from "../../../core/promotion/promotion-id.ts";
import { told } from "./told.ts";

const [first, second, third] = [told.deployed, told.kept, told.rejected];
const nothing: PackJobResult = {
  leaves: new Uint8Array(),
  times: new Float64Array(),
  malformed: [],
  byPromotion: [],
  installation: [],
  installationRecords: [],
  keyRecords: [],
  passkeyRecords: [],
  delegationRecords: [],
  policyRecords: [],
  deployments: [],
  signOffs: [],
  findings: [],
  promotions: [],
  settled: [],
  signInKeys: [],
  problems: [],
};
const range = (from: number, to: number) => Array.from({ length: to - from }, (_, at) => from + at);
/** What a sign-off of one that was inspected is about. */
const signedFor = { model: "scores", version: "1", target: "production", stageName: "compliance" };
/** What a promotion came to; `status` tells which part of the work said so. */
const inspected = (promotion: PromotionId, said: string): InspectedPromotion => ({
  verdict: { promotion, title: said },
  row: [said],
  signedFor: promotion === third ? [[3, signedFor]] : [],
  findings: [],
  unchecked: [],
  under: { kind: "told", ...restsOnNone },
  keptFrom: [],
});
const finding = (path: string): PackFinding => ({ code: "view-differs", path, sentence: "Why." });
/** Whose record each is: the first promotion has the very first and the last one, and so lies in several parts. */
const ownerOf = (index: number, last: number): PromotionId =>
  index === 0 || index === last ? first : index % 2 === 0 ? second : third;

async function inspectedAll(
  over: Partial<Inspected> = {},
  answers: (job: PackJob) => Partial<PackJobResult> = () => ({}),
) {
  const all = { files: 3, indices: range(0, 10), log: false, tables: false, ...over };
  const last = all.indices.at(-1) ?? 0;
  const jobs: PackJob[] = [];
  const result = await inspectAll(all, async (job) => {
    jobs.push(job);
    if (job.kind === "promotions")
      return { ...nothing, promotions: job.promotions.map(([id]) => inspected(id, "whole")), ...answers(job) };
    if (job.kind !== "records") return { ...nothing, ...answers(job) };
    const byPromotion = Map.groupBy(job.indices, (index) => ownerOf(index, last));
    return {
      ...nothing,
      times: Float64Array.from(job.indices),
      leaves: Uint8Array.from(job.indices.flatMap((index) => Array.from({ length: 32 }, () => index % 251))),
      byPromotion: [...byPromotion],
      promotions: [...byPromotion.keys()].map((id) => inspected(id, "part")),
      ...answers(job),
    };
  });
  return { result, jobs, of: (kind: PackJob["kind"]) => jobs.filter((job) => job.kind === kind) };
}

describe("the records of a pack", () => {
  it("are inspected in parts, as many at once as stand together in a table", async () => {
    const { result, of } = await inspectedAll({ indices: range(5, 5 + 4096 + 3) });
    expect(of("records")).toEqual([
      { kind: "records", indices: range(5, 5 + 4096) },
      { kind: "records", indices: range(5 + 4096, 5 + 4096 + 3) },
    ]);
    expect(result.indices).toHaveLength(4099);
    expect(result.leaves).toHaveLength(4099 * 32);
    expect([...result.times]).toEqual(range(5, 4104));
    expect([0, 32, 4095 * 32, 4096 * 32, 4098 * 32 + 31].map((at) => result.leaves[at])).toEqual(
      [5, 6, 4100, 4101, 4103].map((index) => index % 251),
    );
  });

  it("are in one part where they fill it, and in none where there are none", async () => {
    expect((await inspectedAll({ indices: range(0, 4096) })).of("records")).toHaveLength(1);
    const { result, of } = await inspectedAll({ indices: [] });
    expect(of("records")).toEqual([]);
    expect(result).toMatchObject({ indices: [], promotions: [], malformed: [] });
  });

  it("of one promotion that lie in several parts are inspected once more, as a whole", async () => {
    const last = 2 * 4096;
    const { result, of } = await inspectedAll({ indices: [0, ...range(4097, last), last] });
    expect(of("promotions")).toEqual([{ kind: "promotions", promotions: [[first, [0, last]]] }]);
    expect(result.promotions.map(({ verdict }) => verdict)).toEqual([
      { promotion: first, title: "whole" },
      { promotion: third, title: "part" },
      { promotion: second, title: "part" },
    ]);
    expect(result.byPromotion.get(first)).toEqual([0, last]);
    expect(result.promotionOf(last)).toBe(first);
    expect(result.promotionOf(4098)).toBe(second);
    expect(result.promotionOf(1)).toBeUndefined();
  });

  it("of a promotion that was verified before are nothing but that, whatever a part of them looked like", async () => {
    const indices = [0, ...range(1, 4096), 4097];
    const settled = { promotion: first, findings: [finding("report")], unchecked: [] };
    const { result } = await inspectedAll({ indices }, (job) =>
      job.kind === "promotions" ? { promotions: [], settled: [settled] } : {},
    );
    expect(result.settled).toEqual([settled]);
    expect(result.promotions.map(({ verdict }) => verdict.promotion)).toEqual([third, second]);
    const inPart = await inspectedAll({ indices }, (job) => (job.kind === "records" ? { settled: [settled] } : {}));
    expect(inPart.result.settled).toEqual([]);
  });

  it("of promotions in one part are inspected there and nowhere else", async () => {
    const { result, of } = await inspectedAll();
    expect(of("promotions")).toEqual([]);
    expect(result.promotions.map(({ verdict }) => verdict)).toEqual(
      [first, third, second].map((promotion) => ({ promotion, title: "part" })),
    );
  });

  it("that lie in several parts are inspected again two hundred promotions at a time", async () => {
    const own = range(0, 201).map((at) => `p-${at}` as PromotionId);
    const { of } = await inspectedAll({ indices: range(0, 4097) }, (job) =>
      job.kind === "records" ? { byPromotion: own.map((id) => [id, job.indices.slice(0, 1)]), promotions: [] } : {},
    );
    expect(of("promotions").map((job) => (job.kind === "promotions" ? job.promotions.length : 0))).toEqual([200, 1]);
  });

  it("are told of together: those about keys and people, and those that cannot be read", async () => {
    const of = (name: keyof PackJobResult) => (job: PackJob) =>
      job.kind === "records" ? { [name]: [job.indices[0], 1] } : {};
    const indices = range(0, 4097);
    for (const name of [
      "installationRecords",
      "keyRecords",
      "passkeyRecords",
      "delegationRecords",
      "policyRecords",
      "malformed",
    ] as const)
      expect((await inspectedAll({ indices }, of(name))).result[name]).toEqual([0, 1, 4096, 1]);
  });

  it("of the installation are told once by their ids: what is there again is repeated", async () => {
    const { result } = await inspectedAll({ indices: range(0, 4097) }, (job) => {
      if (job.kind !== "records") return {};
      const [index = 0] = job.indices;
      return {
        installation: [
          [index, "key/1"],
          [index + 1, `key/${index + 2}`],
        ],
      };
    });
    expect(result.installation).toEqual([0, 1, 4096, 4097]);
    expect(result.repeated).toEqual([[4096, "key/1"]]);
  });
});

describe("what is looked at beside the records", () => {
  it("is the log where the pack holds all of it, and not otherwise", async () => {
    const log = { verification: { findings: [] }, leaves: [] } as unknown as NonNullable<PackJobResult["log"]>;
    const answer = (job: PackJob) => (job.kind === "log" ? { log } : {});
    const whole = await inspectedAll({ log: true }, answer);
    expect(whole.jobs[0]).toEqual({ kind: "log" });
    expect(whole.result.log).toBe(log);
    const part = await inspectedAll({}, answer);
    expect(part.of("log")).toEqual([]);
    expect(part.result.log).toBeUndefined();
  });

  it("is the list of sums, and every file in runs of rows", async () => {
    const sums = [finding("SHA256SUMS")];
    const { result, of } = await inspectedAll({ files: 2 * 65_536 + 1 }, (job) =>
      job.kind === "sums" ? { findings: sums } : {},
    );
    expect(result.sums).toEqual(sums);
    expect(of("rest")).toEqual([
      { kind: "rest", from: 0, to: 65_536 },
      { kind: "rest", from: 65_536, to: 131_072 },
      { kind: "rest", from: 131_072, to: 131_073 },
    ]);
    expect(result.tables).toEqual([]);
  });

  it("is every table where tables are asked for: both files of each, and the rows that are derived", async () => {
    const { result, jobs } = await inspectedAll({ tables: true }, (job) => {
      if (job.kind === "records") return { signOffs: [3, 4] };
      return job.kind === "pieces" ? { findings: job.files.map(({ path }) => finding(path)) } : {};
    });
    expect(result.tables.map(({ path }) => path).toSorted()).toEqual([
      "parquet/promotions/promotions.parquet",
      "parquet/records/records.parquet",
      "parquet/sign-offs/sign-offs.parquet",
      "promotions.csv",
      "records.csv",
      "sign-offs.csv",
    ]);
    expect(jobs.filter((job) => job.kind === "table")).toEqual([
      {
        kind: "table",
        table: "sign-offs",
        signOffs: [
          [3, signedFor],
          [4, [2, 4, 6, 8]],
        ],
      },
      {
        kind: "table",
        table: "promotions",
        promotions: [
          [first, [0, 9], ["part"]],
          [third, [1, 3, 5, 7], ["part"]],
          [second, [2, 4, 6, 8], ["part"]],
        ],
      },
    ]);
    expect((await inspectedAll()).of("pieces")).toEqual([]);
  });

  it("is what was noticed about the container on the way, by every part", async () => {
    const { result } = await inspectedAll({ indices: range(0, 4097), log: true, tables: true }, (job) => ({
      problems: [{ name: job.kind, sentence: "It was altered." }],
    }));
    const names = new Set(result.problems.map(({ name }) => name));
    expect([...names].toSorted()).toEqual(["log", "pieces", "promotions", "records", "rest", "table"]);
  });

  it.each(["log", "sums", "records", "rest", "pieces", "table"] as const)(
    "that breaks is told as it broke: %s",
    async (kind) => {
      const broken = inspectedAll({ log: true, tables: true }, (job) => {
        if (job.kind === kind) throw new Error(`The ${kind} cannot be read.`);
        return { signOffs: [1] };
      });
      await expect(broken).rejects.toThrow(`The ${kind} cannot be read.`);
    },
  );
});
