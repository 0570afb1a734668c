import { parquetReadObjects } from "hyparquet";
import { beforeAll, describe, expect, it } from "vitest";
import { parquetTable } from "../../../core/archive/tables/parquet-table.ts";
import type { Column } from "../../../core/archive/tables/table.ts";
import { fromUtf8, hex } from "../../../core/encoding/bytes.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { FactType } from "../../../core/promotion/fact.ts";
import { collected, type Files, packOf, type Recorded, recordStories } from "./pack-fixture.ts";
import { factOf } from "./retelling.ts";

let recorded: Recorded;
let files: Files;
beforeAll(async () => {
  recorded = await recordStories();
  files = await packOf(recorded);
});

const bytesOf = (name: string) => files.get(name) ?? new Uint8Array();
const parquetOf = (table: string) => rowsOf(bytesOf(`parquet/${table}/${table}.parquet`));
const rowsOf = (bytes: Uint8Array) => parquetReadObjects({ file: bytes.slice().buffer });
const csvOf = (table: string) =>
  fromUtf8(bytesOf(`${table}.csv`))
    .split("\r\n")
    .slice(0, -1);

describe("the tables of a pack", () => {
  it("tell of each promotion what came of it", async () => {
    const rows = await parquetOf("promotions");
    expect(rows).toMatchObject([
      { promotion: recorded.deployed, outcome: "Deployed", verdict: "PASSED", approvals: 3n, rejections: 0n },
      { promotion: recorded.rejected, outcome: "Rejected", verdict: "", approvals: 1n, rejections: 1n },
      { promotion: recorded.blocked, outcome: "Blocked", version: "2.0.0-weak", approvals: 0n },
    ]);
    expect(rows[0]?.["submittedAt"]).toBeInstanceOf(Date);
  });

  it("tell who signed what, in which role and why", async () => {
    const rows = await parquetOf("sign-offs");
    expect(rows).toHaveLength(5);
    expect(rows.at(-1)).toMatchObject({
      promotion: recorded.rejected,
      result: "reject",
      reason: "The runbook is missing.",
    });
    expect(csvOf("sign-offs").at(-1)).toContain('"reject"');
  });

  it("have the same rows for spreadsheets and for Athena", async () => {
    for (const table of ["records", "promotions", "sign-offs"]) {
      const rows = await parquetOf(table);
      expect(csvOf(table)).toHaveLength(rows.length + 1);
      const names = Object.keys(rows[0] ?? {}).map((name) => `"${name}"`);
      expect(csvOf(table)[0]).toBe(names.join(","));
    }
    const summaries = (await parquetOf("records")).map(({ summary }) => summary);
    expect(summaries).toEqual(recorded.house.facts.map(({ summary }) => summary));
  });
});

describe("the report of a promotion", () => {
  it("says who decided, in which seat and when, what the gates measured, and where in the ledger it stands", () => {
    const html = fromUtf8(bytesOf(`report/${recorded.deployed}.html`)).replaceAll("&#39;", "'");
    const rows = html.split("\n").map((line) => line.replaceAll(/<[^>]*>/g, "|").replaceAll(/\|+/g, "|"));
    const when = (type: FactType) => {
      const { at } = factOf(recorded.house, type, recorded.deployed);
      return `${at.slice(0, 10)} ${at.slice(11, 19)}`;
    };
    expect(rows).toContain(`|Deployed ${when("deployed")} (UTC). Ledger entry 16.|`);
    expect(rows).toContain(`|8|${when("sign-off")}|approve|Compliance officer in 'compliance'|Cora (sub-cora)|`);
    expect(rows).toContain("|quality.auc|passed|AUC is 0.791; at least 0.72 is required.|");
    expect(rows.some((row) => /^\|model\.json\|model\|[0-9a-f]{64}\|$/.test(row))).toBe(true);
    expect(rows.some((row) => /^\|Verdict\|PASSED, .* UTC, ledger entry 14\.\|$/.test(row))).toBe(true);
    expect(rows.some((row) => /^\|14\|.*\|PASSED\|It stands\.\|[0-9a-f]{64}\|$/.test(row))).toBe(true);
  });
});

describe("a Parquet file", () => {
  const columns: readonly Column<number>[] = [
    { name: "n", kind: "number", of: (n) => n },
    { name: "text", kind: "text", of: (n) => (n % 3 === 0 ? undefined : `=${n}, ü`) },
    { name: "at", kind: "instant", of: (n) => (n % 2 === 0 ? "2026-11-24T00:00:00.000Z" : "not a time") },
  ];
  const table = (length: number) => ({
    name: "numbers",
    columns,
    async *rows() {
      for (let n = 0; n < length; n += 1) yield n;
    },
  });

  it("is read by others, over several groups of rows, with what is missing as null", async () => {
    const rows = await rowsOf(await collected(parquetTable(table(9000))));
    expect(rows).toHaveLength(9000);
    expect(rows[8999]).toEqual({ n: 8999n, text: "=8999, ü", at: null });
    expect(rows[6000]).toEqual({ n: 6000n, text: null, at: new Date("2026-11-24T00:00:00.000Z") });
    expect(await rowsOf(await collected(parquetTable(table(0))))).toEqual([]);
  });

  it("keeps its bytes: should an update of the library change them, packs of version 1 no longer verify", async () => {
    const bytes = await collected(parquetTable(table(5)));
    expect(hex(bytes.subarray(0, 4))).toBe("50415231");
    expect(sha256Hex(bytes)).toBe("1050f059c9601b8e67cd6dd948481754e5fac11a7c5741fc4130c8365deee7c6");
  });
});
