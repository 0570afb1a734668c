import { describe, expect, it } from "vitest";
import { recordColumns } from "../../../core/archive/pack/records-table.ts";
import { promotionReport } from "../../../core/archive/reports/promotion-report.ts";
import { csvRow } from "../../../core/archive/tables/csv-table.ts";
import { fromUtf8, utf8 } from "../../../core/encoding/bytes.ts";
import type { Instant } from "../../../core/encoding/instant.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import type { LedgerRecord } from "../../../core/promotion/fact.ts";
import { promotionId } from "../../../core/promotion/promotion-id.ts";

const promotion = promotionId(sha256Hex(utf8("candidate")), 1);
const record: LedgerRecord = {
  recordVersion: 1,
  id: `${promotion}/0`,
  type: "request",
  at: "2026-11-23T09:00:00.000Z" as Instant,
  promotion,
  summary: "The pipeline asked.",
  body: { model: { name: "credit-scoring", type: "credit-scoring", version: "2" } },
  attachments: [],
};

const rowOf = (summary: string) =>
  fromUtf8(csvRow(recordColumns, { index: 7, bytes: utf8("{}"), record: { ...record, summary } }));

describe("a table for spreadsheets", () => {
  it.each(["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "\uff1d1", "\uff0b1", "\uff0d1", "\uff201"])(
    "keeps %j from being a formula",
    (summary) => {
      expect(rowOf(summary)).toContain(`,"'${summary}",`);
    },
  );

  it("keeps quotation marks and line breaks inside their cell", () => {
    expect(rowOf('He said "no",\r\nand left.')).toContain(',"He said ""no"",\r\nand left.",');
  });

  it("says of an entry that cannot be read only that", () => {
    expect(fromUtf8(csvRow(recordColumns, { index: 3, bytes: utf8("?"), record: undefined }))).toMatch(
      /^"3","","unreadable","","","","","[0-9a-f]{64}"\r\n$/,
    );
  });
});

describe("the report", () => {
  const page = async (over: Partial<LedgerRecord>) =>
    await promotionReport(
      {
        promotion,
        records: [{ index: 0, record: { ...record, ...over } }],
        signed: [],
        read: async () => undefined,
        readText: async () => undefined,
      },
      2,
    );

  it("shows hostile text as text", async () => {
    const html = await page({ summary: `<script>alert(1)</script><img src=x onerror="a">&'\u202e\u0007` });
    expect(html).not.toMatch(/<script|<img/);
    expect(html).toContain(
      "&lt;script&gt;alert(1)&lt;/script&gt;&lt;img src=x onerror=&quot;a&quot;&gt;&amp;&#39;[U+202E][U+0007]",
    );
  });

  it("loads nothing and runs nothing", async () => {
    const html = await page({});
    expect(html).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(html).not.toMatch(/<script|src=|href=|url\(/);
  });

  it("is the same for the same records", async () => {
    expect(await page({})).toBe(await page({}));
  });
});
