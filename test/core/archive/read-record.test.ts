import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { isRecord, readRecord, recordOf } from "../../../core/archive/read-record.ts";
import { canonicalJsonBytes, type Json } from "../../../core/encoding/canonical-json.ts";
import { Failure } from "../../../core/failure.ts";

const sha256 = "a".repeat(64);
const record: { readonly [key: string]: Json } = {
  recordVersion: 1,
  id: `p-${"0".repeat(32)}-1/3`,
  type: "gates",
  at: "2026-11-22T17:03:00.000Z",
  promotion: `p-${"0".repeat(32)}-1`,
  summary: "The gates passed.",
  body: { outcome: "passed" },
  attachments: [{ name: "gate-report.json", mediaType: "application/json", sha256 }],
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

  it("is left to the schema where that makes something else of it", () => {
    for (const body of [[], { constructor: "x", a: 1 }]) {
      expect(isRecord({ ...record, body })).toBe(false);
      expect(bySchema({ ...record, body })).not.toEqual({ ...record, body });
    }
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
    ["no attachments", { ...record, attachments: null }],
  ])("is not one with %s", (_, value) => {
    expect(isRecord(value)).toBe(false);
    expect(bySchema(value)).toBeUndefined();
  });
});
