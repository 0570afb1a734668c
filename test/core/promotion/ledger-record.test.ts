import { describe, expect, it } from "vitest";
import { fromUtf8 } from "../../../core/encoding/bytes.ts";
import type { Fact } from "../../../core/promotion/fact.ts";
import { ledgerEntry } from "../../../core/promotion/ledger-record.ts";
import { id, now } from "./promotion-in-review.ts";

const half = "\ud83d";
const fact: Fact = { id: `${id}/9`, type: "blocked", at: now, promotion: id, summary: "", body: {}, attachments: [] };

describe("an entry of the ledger", () => {
  it("is made of whatever was said, also where that was cut in the middle of a character", () => {
    const said = { ...fact, summary: `No ${half}`, body: { code: half, list: [{ [half]: `${half}!` }] } };
    expect(JSON.parse(fromUtf8(ledgerEntry(said)))).toMatchObject({
      summary: "No \ufffd",
      body: { code: "\ufffd", list: [{ "\ufffd": "\ufffd!" }] },
    });
  });

  it("says what is well-formed as it is", () => {
    const said = { ...fact, summary: "Fine 😀", body: { text: "\\ud83d", number: 0.1, none: null, is: true } };
    expect(JSON.parse(fromUtf8(ledgerEntry(said)))).toMatchObject({ summary: said.summary, body: said.body });
  });
});
