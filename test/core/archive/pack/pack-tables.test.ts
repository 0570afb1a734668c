import { describe, expect, it } from "vitest";
import { startSha256 } from "../../../../adapters/node-crypto/running-sha256.ts";
import {
  inspectPieces,
  inspectTable,
  startGroup,
  type TabledSignOff,
  tableFilesOf,
} from "../../../../core/archive/inspect-table.ts";
import { promotionsForm, recordsForm, signOffsForm, tableFiles } from "../../../../core/archive/pack/pack-tables.ts";
import { signedForAsTold, signedForNothing } from "../../../../core/archive/pack/sign-off-row.ts";
import { type Column, cellsOf } from "../../../../core/archive/tables/table.ts";
import { memorySource } from "../../../../core/archive/zip/pack-source.ts";
import { fromUtf8, hex, utf8 } from "../../../../core/encoding/bytes.ts";
import { ledgerEntry } from "../../../../core/promotion/ledger-record.ts";
import type { PromotionId } from "../../../../core/promotion/promotion-id.ts";
import { refused } from "../../refusal.ts";
import { collected } from "../memory-pack.ts";
import { keptFiles, recordsOf, told } from "../told.ts";

const { facts } = told.house;
const records = recordsOf(facts);
const byPromotion = new Map<PromotionId, number[]>();
for (const { index, record } of records) {
  if (record.promotion === undefined) continue;
  byPromotion.set(record.promotion, [...(byPromotion.get(record.promotion) ?? []), index]);
}
const entry = async (index: number) => {
  const fact = facts[index];
  return { index, bytes: fact === undefined ? utf8("") : ledgerEntry(fact), record: records[index]?.record };
};
const source = memorySource(keptFiles);

describe("the tables of a pack", () => {
  it("come out of its records as they were, to the byte", async () => {
    const files = [...tableFiles({ indices: records.map(({ index }) => index), byPromotion, entry })];
    expect(files.map(({ name }) => name)).toEqual([
      ...["records.csv", "parquet/records/records.parquet", "promotions.csv", "parquet/promotions/promotions.parquet"],
      ...["sign-offs.csv", "parquet/sign-offs/sign-offs.parquet"],
    ]);
    for (const { name, content } of files)
      expect(hex(await collected(content)) === hex(keptFiles.get(name) ?? utf8("")), name).toBe(true);
  });

  it("tell of each promotion what came of it", () => {
    const row = (promotion: PromotionId) => {
      const own = records.filter(({ record }) => record.promotion === promotion);
      const cells = cellsOf(promotionsForm.columns, { promotion, records: own });
      return Object.fromEntries(promotionsForm.columns.map(({ name }, at) => [name, cells[at]]));
    };
    const asked = facts.find(({ type, promotion }) => type === "request" && promotion === told.rejected);
    const ended = facts.find(({ type }) => type === "rejected");
    const judged = facts.findLast(({ type, promotion }) => type === "gates" && promotion === told.rejected);
    expect(row(told.rejected)).toMatchObject({
      promotion: told.rejected,
      model: "credit-scoring",
      version: "2.2.0",
      modelType: "credit-scoring",
      target: "production",
      submittedAt: asked?.at,
      outcome: "Rejected",
      outcomeAt: ended?.at,
      why: ended?.summary,
      approvals: 0,
      keptApprovals: 0,
      rejections: 1,
      verdict: "",
      endpoint: "",
      startedAt: undefined,
      servedFrom: undefined,
      goneAt: undefined,
      freezeDigest: asked?.body["freezeDigest"],
      requirements: judged?.body["requirements"],
      loan: "",
      loanUntil: undefined,
      lenders: "",
      records: 7,
      firstIndex: byPromotion.get(told.rejected)?.at(0),
      lastIndex: byPromotion.get(told.rejected)?.at(-1),
    });
    // It was deployed, and drifted since.
    expect(row(told.deployed)).toMatchObject({ outcome: "Restricted", verdict: "PASSED", approvals: 3, rejections: 0 });
    const at = (promotion: PromotionId, kind: string) =>
      facts.find(({ type, promotion: of }) => type === kind && of === promotion)?.at;
    expect(row(told.kept)).toMatchObject({
      outcome: "Rolled back",
      approvals: 2,
      keptApprovals: 2,
      endpoint: "credit-scoring",
      startedAt: at(told.kept, "deployment-started"),
      servedFrom: undefined,
      goneAt: at(told.kept, "rolled-back"),
    });
    expect(row(told.ratified)["servedFrom"]).toBe(at(told.ratified, "loan-running"));
    const lent = facts.find(({ type, promotion }) => type === "loan" && promotion === told.lent);
    expect(row(told.lent)).toMatchObject({
      outcome: "Expired",
      verdict: "PASSED",
      loan: "Ended",
      loanUntil: lent?.body["until"],
      lenders: "sub-ida, sub-olaf",
    });
    expect(cellsOf(promotionsForm.columns, { promotion: told.lent, records: [] })).toEqual([
      told.lent,
      ...[
        "",
        "",
        "",
        "",
        undefined,
        "Not decided",
        undefined,
        undefined,
        0,
        0,
        0,
        "",
        "",
        undefined,
        undefined,
        undefined,
        "",
        "",
        "",
        "",
        undefined,
        "",
        0,
        undefined,
        undefined,
      ],
    ]);
  });

  it("tell of each sign-off who gave it, as what and why", () => {
    const rejected = records.find(({ record }) => record.type === "sign-off" && record.promotion === told.rejected);
    if (rejected === undefined) throw new Error("Nobody signed.");
    const signedForAt = signedForAsTold();
    const signedFor = new Map(records.map(({ index, record }) => [index, signedForAt(record) ?? signedForNothing]));
    const rowOf = (row: (typeof records)[number]) =>
      cellsOf(signOffsForm.columns, { ...row, signedFor: signedFor.get(row.index) ?? signedForNothing });
    expect(rowOf(rejected)).toEqual([
      rejected.index,
      rejected.record.at,
      told.rejected,
      "credit-scoring",
      "2.2.0",
      "production",
      "reject",
      "compliance-officer",
      rejected.record.summary,
      "The purpose is not ours.",
      "compliance",
      0,
      1,
      "sub-cora",
      "https://login.example/pool",
      "",
      "compliance-officers",
      rejected.record.body["signOff"],
    ]);
    const stoodIn = records.find(({ record }) => record.type === "sign-off" && "onBehalfOf" in record.body);
    if (stoodIn === undefined) throw new Error("Nobody stood in for anybody.");
    const columns = signOffsForm.columns.map(({ name }) => name);
    expect(rowOf(stoodIn)[columns.indexOf("inPlaceOf")]).toBe("sub-dana");
  });
});

describe("a table that is made again in groups", () => {
  const whole = (rows: readonly TabledSignOff[]) => inspectTable({ table: "sign-offs", signOffs: rows }, source);
  const signOffs = records.flatMap(({ index, record: { type, promotion } }): TabledSignOff[] =>
    type === "sign-off" && promotion !== undefined ? [[index, byPromotion.get(promotion) ?? []]] : [],
  );
  const promotions = [...byPromotion].map(([id, own]) => [id, own, undefined] as const);

  it("is what the pack has", async () => {
    const files = [
      ...tableFilesOf(signOffsForm, [await whole(signOffs)]),
      ...tableFilesOf(promotionsForm, [await inspectTable({ table: "promotions", promotions }, source)]),
    ];
    for (const file of files) expect(await inspectPieces(file, source, startSha256)).toEqual([]);
    expect(files.map(({ path }) => path)).toEqual([
      ...["sign-offs.csv", "parquet/sign-offs/sign-offs.parquet"],
      ...["promotions.csv", "parquet/promotions/promotions.parquet"],
    ]);
  });

  it("takes the rows that are known already", async () => {
    const known = promotions.map(([id, own]) => {
      const row = cellsOf(promotionsForm.columns, {
        promotion: id,
        records: own.flatMap((index) => records[index] ?? []),
      });
      return [id, [], row] as const;
    });
    expect(await inspectTable({ table: "promotions", promotions: known }, source)).toEqual(
      await inspectTable({ table: "promotions", promotions }, source),
    );
    const signedForAt = signedForAsTold();
    const knownToo = records.flatMap(({ index, record }): TabledSignOff[] => {
      const signedFor = signedForAt(record);
      return signedFor === undefined ? [] : [[index, signedFor]];
    });
    expect(await whole(knownToo)).toEqual(await whole(signOffs));
  });

  it("needs its records", async () => {
    expect(await refused(whole([[9999, []]]))).toEqual({
      code: "pack-invalid",
      sentence: "records/9999.json is gone since it was read.",
    });
  });

  it("is noticed where it is missing, longer, shorter or otherwise", async () => {
    const [csv] = tableFilesOf(signOffsForm, [await whole(signOffs)]);
    if (csv === undefined) throw new Error("There is no table.");
    const bytes = keptFiles.get(csv.path) ?? utf8("");
    const held = (content: Uint8Array | undefined) =>
      inspectPieces(csv, memorySource(new Map(content === undefined ? [] : [[csv.path, content]])), startSha256);
    expect(await held(bytes)).toEqual([]);
    expect(await held(undefined)).toEqual([
      { code: "file-missing", path: csv.path, sentence: "sign-offs.csv is missing." },
    ]);
    const differs = [
      { code: "view-differs", path: csv.path, sentence: "sign-offs.csv does not say what the records say." },
    ];
    for (const content of [
      bytes.subarray(1),
      new Uint8Array([...bytes, 1]),
      bytes.with(0, 0x20),
      bytes.with(bytes.length - 1, 0x20),
      utf8(fromUtf8(bytes).replace("approve", "reject ")),
    ])
      expect(await held(content)).toEqual(differs);
  });

  it("is read in whatever chunks it comes", async () => {
    const [csv] = tableFilesOf(signOffsForm, [await whole(signOffs)]);
    if (csv === undefined) throw new Error("There is no table.");
    const bytes = keptFiles.get(csv.path) ?? utf8("");
    const chunked = (length: number, claimed = bytes.length) => ({
      ...source,
      sizeOf: () => claimed,
      async *chunks() {
        for (let at = 0; at < bytes.length; at += length) yield bytes.subarray(at, at + length);
      },
    });
    for (const length of [1, 7, 100_000]) expect(await inspectPieces(csv, chunked(length), startSha256)).toEqual([]);
    const shorter = { ...csv, pieces: csv.pieces.slice(0, 1) };
    const [head] = csv.pieces;
    expect(await inspectPieces(shorter, chunked(7, head?.length ?? 0), startSha256)).toHaveLength(1);
  });

  it("has a row for each record, and a group for so many rows", () => {
    const group = startGroup(recordsForm);
    for (const { index, record } of records.slice(0, 3))
      group.add(cellsOf(recordsForm.columns, { index, record, bytes: utf8("{}") }));
    expect(group.end().told.num_rows).toBe(3n);
  });
});

describe("a cell", () => {
  const column = (kind: Column<unknown>["kind"], value: string | number | undefined): Column<unknown> => ({
    name: "x",
    kind,
    of: () => value,
  });
  it.each<[Column<unknown>["kind"], string | number | undefined, string | number | undefined]>([
    ["text", "a", "a"],
    ["text", 7, undefined],
    ["number", 7, 7],
    ["number", "7", undefined],
    ["instant", "2026-01-01T00:00:00.000Z", "2026-01-01T00:00:00.000Z"],
    ["instant", 7, undefined],
    ["text", undefined, undefined],
  ])("of %s holds %j as %j", (kind, value, expected) => {
    expect(cellsOf([column(kind, value)], {})).toEqual([expected]);
  });
});
