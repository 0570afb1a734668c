import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { hex, utf8 } from "../../../core/encoding/bytes.ts";
import {
  canonicalJson,
  canonicalJsonBytes,
  isCanonicalText,
  parseCanonicalJson,
  sameJson,
} from "../../../core/encoding/canonical-json.ts";

const refusal = (message: string) =>
  expect.objectContaining({ code: "invalid-request", message: expect.stringContaining(message) });

/** The double with these 64 bits. */
function double(bits: string): number {
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, BigInt(`0x${bits}`));
  return view.getFloat64(0);
}

describe("canonical JSON, as published with RFC 8785", () => {
  // https://github.com/cyberphone/json-canonicalization, testdata/input and testdata/output
  it.each([
    ["arrays", '[ 56, { "d": true, "10": null, "1": [ ] } ]', '[56,{"1":[],"10":null,"d":true}]'],
    [
      "french",
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ingnore locale"}',
      '{"peach":"This sorting order","péché":"is wrong according to French","pêche":"but canonicalization MUST","sin":"ingnore locale"}',
    ],
    [
      "structures",
      '{"1":{"f":{"f":"hi","F":5},"\\n":56.0},"10":{},"":"empty","a":{},"111":[{}],"A":{}}',
      '{"":"empty","1":{"\\n":56,"f":{"F":5,"f":"hi"}},"10":{},"111":[{}],"A":{},"a":{}}',
    ],
    ["unicode", '{"Unnormalized Unicode":"\\u1e0d\\u0307"}', '{"Unnormalized Unicode":"\u1e0d\u0307"}'],
    [
      "values",
      '{"numbers":[1E30,4.50,333333333.33333329,2e-3,0.000000000000000000000000001],"literals":[null,true,false]}',
      '{"literals":[null,true,false],"numbers":[1e+30,4.5,333333333.3333333,0.002,1e-27]}',
    ],
    [
      "section 3.2.3",
      '{"\\u20ac":"Euro Sign","\\r":"Carriage Return","\\ufb33":"Hebrew Letter Dalet With Dagesh","1":"One","\\ud83d\\ude00":"Emoji: Grinning Face","\\u0080":"Control","\\u00f6":"Latin Small Letter O With Diaeresis"}',
      '{"\\r":"Carriage Return","1":"One","\u0080":"Control","ö":"Latin Small Letter O With Diaeresis","€":"Euro Sign","😀":"Emoji: Grinning Face","\ufb33":"Hebrew Letter Dalet With Dagesh"}',
    ],
  ])("is right for %s", (_, input, output) => {
    expect(canonicalJson(JSON.parse(input))).toBe(output);
  });

  it("has the bytes of section 3.2.4 for the sample of section 3.2.2", () => {
    const sample = String.raw`{"numbers":[333333333.33333329,1E30,4.50,2e-3,0.000000000000000000000000001],
      "string":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/","literals":[null,true,false]}`;
    const bytes = `
      7b 22 6c 69 74 65 72 61 6c 73 22 3a 5b 6e 75 6c 6c 2c 74 72
      75 65 2c 66 61 6c 73 65 5d 2c 22 6e 75 6d 62 65 72 73 22 3a
      5b 33 33 33 33 33 33 33 33 33 2e 33 33 33 33 33 33 33 2c 31
      65 2b 33 30 2c 34 2e 35 2c 30 2e 30 30 32 2c 31 65 2d 32 37
      5d 2c 22 73 74 72 69 6e 67 22 3a 22 e2 82 ac 24 5c 75 30 30
      30 66 5c 6e 41 27 42 5c 22 5c 5c 5c 5c 5c 22 2f 22 7d`;
    expect(hex(canonicalJsonBytes(JSON.parse(sample)))).toBe(bytes.replaceAll(/\s/g, ""));
  });

  // RFC 8785 appendix B
  it.each([
    ["0000000000000000", "0"],
    ["8000000000000000", "0"],
    ["0000000000000001", "5e-324"],
    ["8000000000000001", "-5e-324"],
    ["7fefffffffffffff", "1.7976931348623157e+308"],
    ["ffefffffffffffff", "-1.7976931348623157e+308"],
    ["4340000000000000", "9007199254740992"],
    ["c340000000000000", "-9007199254740992"],
    ["4430000000000000", "295147905179352830000"],
    ["44b52d02c7e14af5", "9.999999999999997e+22"],
    ["44b52d02c7e14af6", "1e+23"],
    ["44b52d02c7e14af7", "1.0000000000000001e+23"],
    ["444b1ae4d6e2ef4e", "999999999999999700000"],
    ["444b1ae4d6e2ef4f", "999999999999999900000"],
    ["444b1ae4d6e2ef50", "1e+21"],
    ["3eb0c6f7a0b5ed8c", "9.999999999999997e-7"],
    ["3eb0c6f7a0b5ed8d", "0.000001"],
    ["41b3de4355555553", "333333333.3333332"],
    ["41b3de4355555554", "333333333.33333325"],
    ["41b3de4355555555", "333333333.3333333"],
    ["41b3de4355555556", "333333333.3333334"],
    ["41b3de4355555557", "333333333.33333343"],
    ["becbf647612f3696", "-0.0000033333333333333333"],
    ["43143ff3c1cb0959", "1424953923781206.2"],
  ])("writes the double %s as %s", (bits, text) => {
    expect(canonicalJson(double(bits))).toBe(text);
  });

  it.each(["7fffffffffffffff", "7ff0000000000000", "fff0000000000000"])("refuses the double %s", (bits) => {
    expect(() => canonicalJson({ a: [double(bits)] })).toThrow(refusal("$.a[0] is"));
  });
});

describe("canonical JSON", () => {
  it("is the same for the same value, whatever order its properties came in", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const reversed = (v: unknown): unknown => {
          if (Array.isArray(v)) return v.map(reversed);
          if (typeof v !== "object" || v === null) return v;
          return Object.fromEntries(
            Object.entries(v)
              .reverse()
              .map(([key, member]) => [key, reversed(member)]),
          );
        };
        const text = canonicalJson(value);
        expect(canonicalJson(reversed(value))).toBe(text);
        expect(canonicalJson(JSON.parse(text))).toBe(text);
      }),
    );
  });

  it("sorts by UTF-16 code units, where that differs from code points", () => {
    expect(canonicalJson({ "\uffff": 1, "\u{1f600}": 2 })).toBe('{"\u{1f600}":2,"\uffff":1}');
  });

  it("leaves out what is undefined in an object, and refuses it in an array", () => {
    expect(canonicalJson({ a: undefined, b: 1 })).toBe('{"b":1}');
    expect(() => canonicalJson([1, undefined])).toThrow(refusal("$[1] is a undefined"));
  });

  it("refuses a hole in an array instead of writing what is no JSON", () => {
    const holed = [1];
    holed[2] = 3;
    expect(() => canonicalJson(holed)).toThrow(refusal("$[1] is a undefined"));
  });

  it.each([
    ["a date", new Date(0)],
    ["a map", new Map([["a", 1]])],
    ["bytes", Uint8Array.of(1)],
    ["an error", new Error("no")],
  ])("refuses %s, of which JSON would keep something else", (_, value) => {
    expect(() => canonicalJson({ a: value })).toThrow(refusal("$.a is not a plain object"));
  });

  it.each([
    ["a bigint", 1n, "is a bigint"],
    ["a function", () => 1, "is a function"],
    ["half a surrogate pair", "\ud800", "half of a surrogate pair"],
  ])("refuses %s", (_, value, why) => {
    expect(() => canonicalJson({ a: value })).toThrow(refusal(why));
  });

  it("refuses half a surrogate pair in a key", () => {
    expect(() => canonicalJson({ "\udc00": 1 })).toThrow(refusal("half of a surrogate pair"));
  });

  it("keeps a property that is called __proto__", () => {
    expect(canonicalJson(JSON.parse('{"b":1,"__proto__":2}'))).toBe('{"__proto__":2,"b":1}');
    expect(canonicalJson(Object.assign(Object.create(null), { a: 1 }))).toBe('{"a":1}');
  });

  it("refuses what is nested too deep, and what contains itself, instead of running out of stack", () => {
    const deep = (levels: number) => JSON.parse("[".repeat(levels) + "]".repeat(levels));
    expect(canonicalJson(deep(200))).toHaveLength(400);
    expect(() => canonicalJson(deep(100_000))).toThrow(refusal("more than 200 deep"));
    const circle: Record<string, unknown> = {};
    circle["self"] = circle;
    expect(() => canonicalJson(circle)).toThrow(refusal("more than 200 deep"));
  });
});

describe("two values", () => {
  const pairs = fc.jsonValue().chain((one) => {
    const text = JSON.stringify(one);
    // Mostly near to each other: another text with one character changed, where that is still JSON.
    const near = fc
      .tuple(fc.nat({ max: text.length }), fc.constantFrom("0", "1", "a", "b", "]", "-"))
      .map(([at, put]) => {
        try {
          const other = JSON.parse(text.slice(0, at) + put + text.slice(at + 1));
          canonicalJson(other);
          return other;
        } catch {
          return JSON.parse(text);
        }
      });
    return fc.tuple(fc.constant(one), fc.oneof(near, fc.jsonValue()));
  });

  it("are the same where their canonical JSON is", () => {
    fc.assert(
      fc.property(pairs, ([one, other]) => {
        expect(sameJson(one, other)).toBe(canonicalJson(one) === canonicalJson(other));
        expect(sameJson(one, JSON.parse(JSON.stringify(one)))).toBe(true);
      }),
      { numRuns: 1_000 },
    );
  });

  it.each([
    [{ a: 1, b: undefined }, { a: 1 }, true],
    [{ a: 1 }, { b: undefined, a: 1 }, true],
    [{ a: undefined, b: 1 }, { a: 1, b: undefined }, false],
    [{ a: [1, 2] }, { a: [2, 1] }, false],
    [[], {}, false],
    [null, {}, false],
    [{ a: 0 }, { a: -0 }, true],
    [{ toString: 1 }, {}, false],
  ])("%j and %j: %s", (one, other, same) => {
    expect(sameJson(one, other)).toBe(same);
    expect(sameJson(other, one)).toBe(same);
    expect(canonicalJson(one) === canonicalJson(other)).toBe(same);
  });

  it("have text that is canonical where it is what would be written", () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const [text, sorted] = [JSON.stringify(value), canonicalJson(value)];
        if (isCanonicalText(text, JSON.parse(text))) expect(text).toBe(sorted);
        expect(isCanonicalText(`${sorted} `, JSON.parse(sorted))).toBe(false);
      }),
    );
    expect(isCanonicalText('{"a":1,"b":2}', { a: 1, b: 2 })).toBe(true);
    expect(isCanonicalText('{"b":2,"a":1}', { b: 2, a: 1 })).toBe(false);
  });
});

describe("bytes that are canonical JSON", () => {
  const read = (text: string) => parseCanonicalJson(utf8(text));
  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`;

  it.each(["null", "true", "7", '"text"', "[]", "{}", '{"a":[1,{"b":null,"c":"é"}],"b":{"":0}}', '{"a":"\\u001f"}'])(
    "are read: %s",
    (text) => {
      expect(read(text)).toEqual({ value: JSON.parse(text) });
    },
  );

  it.each([
    ["nothing", ""],
    ["no JSON", "{"],
    ["a space", "[1, 2]"],
    ["a line break", "[]\n"],
    ["members out of order", '{"b":1,"a":2}'],
    ["members out of order below", '{"a":{"b":1,"a":2}}'],
    ["members out of order in a list", '[0,{"b":1,"a":2}]'],
    ["a member twice", '{"a":1,"a":2}'],
    ["another spelling of a number", "[1.0]"],
    ["another spelling of a letter", '["\\u0041"]'],
    ["half of a surrogate pair", '["\\ud800"]'],
    ["half of a surrogate pair in a name", '{"\\udfff":1}'],
    ["a number that is too large", "[1e999]"],
  ])("are not with %s", (_, text) => {
    expect(read(text)).toBeUndefined();
  });

  it("are not where they are no text", () => {
    expect(parseCanonicalJson(new Uint8Array([0x22, 0xff, 0x22]))).toBeUndefined();
  });

  it("take a closer look where they are deep, or name what an object has anyway", () => {
    expect(read(nested(64))).toEqual({ value: JSON.parse(nested(64)) });
    expect(read(nested(65))).toBeUndefined();
    expect(read(`${'{"a":'.repeat(64)}1${"}".repeat(64)}`)).toBeDefined();
    expect(read(`${'{"a":'.repeat(65)}1${"}".repeat(65)}`)).toBeUndefined();
    expect(read('{"__proto__":1}')).toBeUndefined();
    expect(read('{"a":{"__proto__":1}}')).toBeUndefined();
    // Neither a backslash nor the letters of an escape are one.
    expect(read('["\\\\ud800"]')).toBeUndefined();
    expect(read('["ud800"]')).toEqual({ value: ["ud800"] });
  });

  it("are written again as they were", () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
        const text = canonicalJson(value);
        const again = read(text);
        if (again !== undefined) expect(canonicalJson(again.value)).toBe(text);
      }),
    );
  });
});

describe("canonical JSON, as deep as it may be", () => {
  const deep = (depth: number): unknown => (depth === 0 ? [] : [deep(depth - 1)]);

  it("is written up to 200 levels", () => {
    expect(canonicalJson(deep(199))).toHaveLength(400);
    expect(() => canonicalJson(deep(200))).toThrow(refusal("nested more than 200 deep"));
  });
});
