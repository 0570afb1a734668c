import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import type { Json } from "../../../core/encoding/canonical-json.ts";
import { type JsonScan, saysAll, scanJson } from "../../../core/gates/strict-json-scan.ts";

const scan = (text: string) => scanJson(utf8(text));
const parsed = (text: string) => JSON.parse(text) as Json;
const membersOf = (value: Json): readonly Json[] =>
  typeof value === "object" && value !== null ? Object.values(value) : [];

/** The same counts, taken from what `JSON.parse` makes of a text; what is empty counts as if it held one value. */
function countsOf(value: Json): Omit<JsonScan, "escapes"> {
  const inside = membersOf(value).map(countsOf);
  const sum = (count: "values" | "names") => inside.reduce((total, one) => total + one[count], 0);
  const nests = typeof value === "object" && value !== null;
  return {
    depth: Math.max(0, ...inside.map(({ depth }) => depth)) + (nests ? 1 : 0),
    values: 1 + sum("values") + (nests && inside.length === 0 ? 1 : 0),
    names: sum("names") + (nests && !Array.isArray(value) ? inside.length : 0),
  };
}

describe("scanJson", () => {
  it("counts as JSON.parse finds it, and no fewer values", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), fc.nat(2), (value, indent) => {
        const text = JSON.stringify(value, null, indent);
        expect(scan(text)).toEqual({ ...countsOf(parsed(text)), escapes: text.includes("\\") });
      }),
    );
  });

  it.each<[string, JsonScan]>([
    ["1", { depth: 0, values: 1, names: 0, escapes: false }],
    ["[]", { depth: 1, values: 2, names: 0, escapes: false }],
    ["[1,2,3]", { depth: 1, values: 4, names: 0, escapes: false }],
    ['{"a":1}', { depth: 1, values: 2, names: 1, escapes: false }],
    ['{"a":1,"a":2}', { depth: 1, values: 3, names: 2, escapes: false }],
    ["[[],[],[[]]]", { depth: 3, values: 8, names: 0, escapes: false }],
    ['[{},{"a":[]}]', { depth: 3, values: 6, names: 1, escapes: false }],
    ['["{[:,]}"]', { depth: 1, values: 2, names: 0, escapes: false }],
    ['["\\"[:,"]', { depth: 1, values: 2, names: 0, escapes: true }],
    ['["\\\\",[]]', { depth: 2, values: 4, names: 0, escapes: true }],
    ['["a","b":', { depth: 1, values: 3, names: 1, escapes: false }],
    ['["no end, [', { depth: 1, values: 2, names: 0, escapes: false }],
    ['["no end\\', { depth: 1, values: 2, names: 0, escapes: true }],
  ])("counts %s", (text, counts) => {
    expect(scan(text)).toEqual(counts);
  });
});

describe("saysAll", () => {
  const says = (text: string) => saysAll(parsed(text), scan(text));

  it("holds of whatever JSON is written from", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 5 }), (value) => {
        expect(says(JSON.stringify(value))).toBe(true);
      }),
    );
  });

  it.each([
    "null",
    "true",
    '""',
    "0",
    '{"a":[1,-2.5,{"b":null},{"c":false,"d":"x"},[{"e":{"f":{}}}]]}',
    '["\\ud83d\\ude00"]',
    '{"\\ud83d\\ude00":"\\n"}',
  ])("holds of %s", (text) => {
    expect(says(text)).toBe(true);
  });

  it.each([
    ["a name given twice", '{"a":1,"a":1}'],
    ["a name given twice deep inside a list", '[0,[{"x":{"a":1,"a":1}}]]'],
    ["a name given twice in two spellings", '{"a":1,"\\u0061":2}'],
    ["a number too large", "1e400"],
    ["a number too large in a list", "[1,1e400]"],
    ["a number too small in a member", '{"a":{"b":-1e400}}'],
    ["half of a surrogate pair", '"\\ud83d"'],
    ["half of a surrogate pair in a list", '["\\ude00"]'],
    ["half of a surrogate pair in a name", '{"\\ud83d":1}'],
    ["half of a surrogate pair in a name beside others", '[{"a":1,"b":{"\\ud83d":[]}},{"c":2}]'],
  ])("does not hold with %s", (_name, text) => {
    expect(says(text)).toBe(false);
  });
});
