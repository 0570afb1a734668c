import fc from "fast-check";
import { describe, expect, it } from "vitest";
import {
  attachmentNamed,
  isRecord,
  readRecord,
  recordOf,
  whyNewer,
} from "../../../../core/archive/documents/read-record.ts";
import { utf8 } from "../../../../core/encoding/bytes.ts";
import { canonicalJsonBytes, type Json } from "../../../../core/encoding/canonical-json.ts";
import { Failure } from "../../../../core/failure.ts";
import type { LedgerRecord } from "../../../../core/promotion/fact.ts";
import { codeOf } from "../../refusal.ts";

const sha256 = "a".repeat(64);
const named = { name: "gate-report.json", mediaType: "application/json", sha256 };
const record: { readonly [key: string]: Json } = {
  recordVersion: 1,
  id: `p-${"0".repeat(32)}-1/3`,
  type: "gates",
  at: "2026-11-22T17:03:00.000Z",
  promotion: `p-${"0".repeat(32)}-1`,
  summary: "The gates passed.",
  body: { outcome: "passed" },
  attachments: [named],
};

/** What the schema makes of a value; `undefined` where it refuses. */
function bySchema(value: Json): unknown {
  try {
    return recordOf(value);
  } catch (error) {
    if (error instanceof Failure) return undefined;
    throw error;
  }
}

const values = fc.oneof(
  fc.jsonValue(),
  fc.constantFrom(1, "", "gates", "a".repeat(401), "2026-11-22T17:03:00.000Z", sha256, [], {}, [{ sha256 }]),
  fc.constantFrom({ constructor: "x" }, { prototype: 1, a: 2 }, [{ name: "n", mediaType: "m", sha256, more: 1 }]),
) as fc.Arbitrary<Json>;

describe("a record, read by hand", () => {
  it("is what the schema takes, as it answers it", () => {
    expect(isRecord(record)).toBe(true);
    expect(isRecord({ ...record, type: "key", id: "key/1" })).toBe(true);
    expect(readRecord(canonicalJsonBytes(record))).toEqual(bySchema(record));
    const { promotion: _, ...installation } = record;
    expect(isRecord(installation)).toBe(true);
    expect(bySchema(installation)).toEqual(installation);
  });

  it("is none that the schema refuses, or would answer otherwise", () => {
    const member = fc.oneof(fc.constantFrom(...Object.keys(record)), fc.string());
    fc.assert(
      fc.property(member, values, fc.boolean(), (name, value, gone) => {
        const { [name]: _, ...rest } = record;
        const other = gone ? rest : { ...record, [name]: value };
        if (isRecord(other)) expect(bySchema(other)).toEqual(other);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each<[string, Json]>([
    ["another version", { ...record, recordVersion: 2 }],
    ["a kind that nobody knows", { ...record, type: "gate" }],
    ["no id", { ...record, id: "" }],
    ["a long id", { ...record, id: "a".repeat(401) }],
    ["a moment in another spelling", { ...record, at: "2026-11-22T17:03:00Z" }],
    ["another thing for a promotion", { ...record, promotion: "p-1" }],
    ["an attachment without a digest", { ...record, attachments: [{ name: "a", mediaType: "b", sha256: "c" }] }],
    ["one member more", { ...record, more: 1 }],
    ["one member more in an attachment", { ...record, attachments: [{ name: "a", mediaType: "b", sha256, c: 1 }] }],
    ["a document named twice", { ...record, attachments: [named, named] }],
    ["no attachments", { ...record, attachments: null }],
  ])("is not one with %s", (_, value) => {
    expect(isRecord(value)).toBe(false);
    expect(bySchema(value)).toBeUndefined();
  });
});

describe("a record's members", () => {
  const attachment = { name: "a", mediaType: "b", sha256 };
  const long = (length: number) => "a".repeat(length);

  it.each<[string, Json]>([
    ["id", { ...record, id: long(400) }],
    ["summary", { ...record, summary: long(65_535) }],
    ["attachment's name", { ...record, attachments: [{ ...attachment, name: long(200) }] }],
    ["attachment's media type", { ...record, attachments: [{ ...attachment, mediaType: long(200) }] }],
    ["body, which may be empty", { ...record, body: {} }],
    ["attachments, of which there may be none", { ...record, attachments: [] }],
  ])("may be as long as they are said to be: %s", (_, value) => {
    expect(isRecord(value)).toBe(true);
    expect(bySchema(value)).toEqual(value);
    expect(readRecord(canonicalJsonBytes(value))).toEqual(value);
  });

  it.each<[string, Json]>([
    ["summary", { ...record, summary: long(65_536) }],
    ["attachment's name", { ...record, attachments: [{ ...attachment, name: long(201) }] }],
    ["attachment's media type", { ...record, attachments: [{ ...attachment, mediaType: long(201) }] }],
    ["id, which is text", { ...record, id: 7 }],
    ["summary, which is text", { ...record, summary: null }],
    ["attachment, which is none of its own", { ...record, attachments: ["a"] }],
    ["second attachment", { ...record, attachments: [attachment, { ...attachment, sha256: "b" }] }],
    ["body, which is no list", { ...record, body: null }],
    ["body, which says nothing as a list", { ...record, body: [] }],
    ["promotion", { ...record, promotion: null }],
    [
      "promotion, in whose place stands something else",
      (({ promotion: _, ...rest }) => ({ ...rest, more: 1 }))(record),
    ],
  ])("are not otherwise: %s", (_, value) => {
    expect(isRecord(value)).toBe(false);
    expect(bySchema(value)).toBeUndefined();
  });

  it("may be called in a body as the language calls its own", () => {
    for (const name of ["constructor", "prototype", "toString"]) {
      const told = { ...record, body: { [name]: "x" } };
      expect([isRecord(told), bySchema(told)]).toEqual([true, told]);
    }
  });
});

describe("an entry of the ledger", () => {
  const wrong = (bytes: Uint8Array) => codeOf(() => readRecord(bytes));

  it("that is no record says where it is none", () => {
    expect(wrong(canonicalJsonBytes({ ...record, at: "now" }))).toEqual({
      code: "pack-invalid",
      sentence: "Its 'at' is not that of a record.",
    });
    expect(wrong(canonicalJsonBytes({ ...record, attachments: [{ name: "a" }] })).sentence).toBe(
      "Its 'attachments.0.mediaType' is not that of a record.",
    );
    expect(wrong(utf8("7")).sentence).toBe("Its 'form' is not that of a record.");
  });

  it("is canonical JSON, and JSON in the first place", () => {
    expect(wrong(utf8(JSON.stringify(record, undefined, 1)))).toEqual({
      code: "pack-invalid",
      sentence: "It is not written in canonical JSON (RFC 8785).",
    });
    expect(wrong(utf8("{"))).toMatchObject({
      code: "pack-invalid",
      sentence: expect.stringMatching(/^It is not JSON that can be taken: /),
    });
  });
});

describe("an entry that is no record here", () => {
  const newer = (value: Json) => whyNewer(canonicalJsonBytes(value));

  it("may be of a later version, or of a kind that only a later one knows", () => {
    expect(newer({ recordVersion: 2 })).toBe(
      "The record is of version 2: it could not be checked, since a newer Countersign made it.",
    );
    expect(newer({ ...record, type: "gate-moved" })).toBe(
      "The record is of the type 'gate-moved': it could not be checked, since a newer Countersign made it.",
    );
    for (const type of ["a", `a${"-".repeat(60)}`]) expect(newer({ ...record, type })).toContain(`'${type}'`);
  });

  it.each<[string, Json]>([
    ["a record of this version", record],
    ["of no version", { type: "gate-moved" }],
    ["of a version before the first", { ...record, recordVersion: 0, type: "gate-moved" }],
    ["of a kind that is no word", { ...record, type: "Gate" }],
    ["of a kind that begins otherwise", { ...record, type: "-gate" }],
    ["of a kind that ends otherwise", { ...record, type: "gate moved" }],
    ["of a kind that is too long", { ...record, type: `a${"-".repeat(61)}` }],
    ["of a kind that is no text", { ...record, type: 7 }],
    ["no object", [1]],
    ["nothing", null],
  ])("is not newer where it is %s", (_, value) => {
    expect(newer(value)).toBeUndefined();
  });

  it("is not newer where it is no canonical JSON", () => {
    expect(whyNewer(utf8('{ "recordVersion": 2 }'))).toBeUndefined();
  });
});

describe("the document that a record names so", () => {
  const read = readRecord(canonicalJsonBytes(record));

  it("is the one with that name", () => {
    expect(attachmentNamed(read, "gate-report.json")).toEqual(read.attachments[0]);
  });

  it("is none where no document has it, or several do", () => {
    expect(codeOf(() => attachmentNamed(read, "freeze.json"))).toEqual({
      code: "pack-invalid",
      sentence: `The record '${read.id}' names no freeze.json.`,
    });
    const twice: LedgerRecord = { ...read, attachments: [...read.attachments, ...read.attachments] };
    expect(codeOf(() => attachmentNamed(twice, "gate-report.json")).sentence).toBe(
      `The record '${read.id}' names several gate-report.json.`,
    );
  });
});
