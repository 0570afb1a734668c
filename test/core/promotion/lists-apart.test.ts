import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { sha256Hex } from "../../../core/encoding/sha256.ts";
import { maxEntryBytes } from "../../../core/ledger/entry-bundle.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { listsApart } from "../../../core/promotion/lists-apart.ts";
import { digestOf, now, promotionInReview } from "./promotion-in-review.ts";

const { id } = promotionInReview();
const fallen = (count: number): Json[] =>
  Array.from({ length: count }, (_, at) => ({ signOff: digestOf(`${at}`), why: "may not sign any more" }));
const other = { name: "deployment.json", mediaType: "application/json", sha256: digestOf("deployment") };

function fact(body: Fact["body"], type: Fact["type"] = "seat-reopened"): Fact {
  return { id: `${id}/7`, type, at: now, promotion: id, summary: "It is open again.", body, attachments: [other] };
}

describe("what becomes of sign-offs", () => {
  it("stands in its record where few signed", () => {
    const few = fact({ review: 2, kept: [], fallen: fallen(100) });
    expect(listsApart(few)).toEqual({ fact: few });
  });

  it("is a document of its own where so many signed that the ledger would not take the record", () => {
    const many = fact({ review: 2, kept: [], fallen: fallen(1000) });
    const { fact: short, document } = listsApart(many);
    const sha256 = sha256Hex(document?.bytes ?? new Uint8Array());
    expect(short).toEqual({
      ...many,
      body: { review: 2 },
      attachments: [other, { name: "sign-offs.json", mediaType: "application/json", sha256 }],
    });
    expect(JSON.parse(fromUtf8(document?.bytes ?? new Uint8Array()))).toEqual({
      signOffsVersion: 1,
      kept: [],
      fallen: fallen(1000),
    });
    expect(ledgerEntry(many).length).toBeLessThan(1000);
    // The same entry each time it is told.
    expect(ledgerEntry(many)).toEqual(ledgerEntry(short));
  });

  it("leaves any record room for the rest of it", () => {
    for (let count = 0; count < 400; count += 10) {
      const entry = ledgerEntry(fact({ breach: {}, fallen: fallen(count) }));
      expect(entry.length).toBeLessThan(maxEntryBytes / 3);
    }
  });

  it("is told by records of no other type", () => {
    const many = fact({ fallen: fallen(300) }, "notification-queued");
    expect(listsApart(many)).toEqual({ fact: many });
  });
});
