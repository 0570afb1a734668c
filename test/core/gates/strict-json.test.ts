import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { utf8 } from "../../../core/encoding/bytes.ts";
import { evidenceLimits, readStrictJson } from "../../../core/gates/strict-json.ts";

const read = (text: string) => readStrictJson(utf8(text));

describe("readStrictJson", () => {
  it("reads whatever JSON.parse reads, to the same value", () => {
    fc.assert(
      fc.property(fc.json({ noUnicodeString: false }), fc.nat(4), (text, indent) => {
        const spaced = JSON.stringify(JSON.parse(text), null, indent);
        const result = read(spaced);
        // Half surrogates are what JSON.parse takes and I-JSON does not.
        if (result.kind === "problem") expect(result.sentence).toMatch(/surrogate/);
        else expect(JSON.stringify(result.value)).toBe(JSON.stringify(JSON.parse(text)));
      }),
    );
  });

  it("never takes what JSON.parse does not", () => {
    const near = fc.array(
      fc.constantFrom("{", "}", "[", "]", ",", ":", '"', "a", "1", "-", ".", "e", "\\", "u00e9", "null", " "),
    );
    fc.assert(
      fc.property(near, (parts) => {
        const text = parts.join("");
        if (read(text).kind === "value") expect(() => JSON.parse(text)).not.toThrow();
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    [
      "bare NaN, as Python writes it",
      '{"metrics":{"auc":NaN}}',
      "/metrics/auc",
      "NaN is not a number in JSON; it stands at line 1, column 19.",
    ],
    ["bare infinity", "[1,\n-Infinity]", "/1", "-Infinity is not a number in JSON; it stands at line 2, column 1."],
    ["a name given twice", '{"a":{"b":1,\n "b":2}}', "/a/b", 'The name "b" is given twice at line 2, column 2.'],
    [
      "a name given twice in two spellings",
      '{"a":1,"\\u0061":2}',
      "/a",
      'The name "a" is given twice at line 1, column 8.',
    ],
    ["a number beyond IEEE 754", '{"a":1e400}', "/a", "A number is too large to be read at line 1, column 6."],
    ["half of a surrogate pair", '["\\ud83d"]', "/0", "A text holds half of a surrogate pair at line 1, column 2."],
    ["a comma too many", "[1,]", "/1", "A value is expected at line 1, column 4."],
    ["a leading zero", '{"a":01}', "", "A comma or a closing brace is missing at line 1, column 7."],
    ["a comment", '{"a":1} // good', "", "Something follows the end of the document at line 1, column 9."],
    ["single quotes", "{'a':1}", "", "A name in quotes is missing at line 1, column 2."],
    [
      "an unescaped line break",
      '["a\nb"]',
      "/0",
      "A control character stands unescaped in a text at line 1, column 4.",
    ],
    ["an unknown escape", '["\\x41"]', "/0", "An escape is not one that JSON knows at line 1, column 3."],
    ["a short escape", '["\\u12"]', "/0", "An escape needs four hexadecimal digits at line 1, column 3."],
    ["an open text", '["a', "/0", "A text has no closing quote at line 1, column 4."],
    ["nothing", "", "", "The document ends too early at line 1, column 1."],
  ])("refuses %s and names the place", (_name, text, pointer, sentence) => {
    expect(read(text)).toEqual({ kind: "problem", pointer, sentence });
  });

  it("finds whatever is said twice, is too large or is half, wherever it stands", () => {
    interface Told {
      readonly text: string;
      readonly good: boolean;
    }
    const told = (text: string, good = true): Told => ({ text, good });
    const name = fc.constantFrom('"a"', '"b"', '"\\u0061"', '"__proto__"', '""', '"\\ud83d"');
    const { any } = fc.letrec<{ any: Told }>((tie) => ({
      any: fc.oneof(
        { depthSize: "small" },
        fc
          .constantFrom("1", "-0", "true", "null", '"\\ud83d\\ude00"', '"a:{[,\\""', '""', '"\\\\"')
          .map((text) => told(text)),
        fc.constantFrom("1e999", '"\\ud83d"').map((text) => told(text, false)),
        fc.array(tie("any"), { maxLength: 3 }).map((items) =>
          told(
            `[${items.map(({ text }) => text).join(" ,")}]`,
            items.every(({ good }) => good),
          ),
        ),
        fc.array(fc.tuple(name, tie("any")), { maxLength: 3 }).map((members) => {
          const names = members.map(([written]) => String(JSON.parse(written)));
          return told(
            `{${members.map(([written, { text }]) => `${written}: ${text}`).join(",")}}`,
            new Set(names).size === names.length &&
              names.every((each) => each.isWellFormed()) &&
              members.every(([, { good }]) => good),
          );
        }),
      ),
    }));
    fc.assert(
      fc.property(any, ({ text, good }) => {
        const result = read(text);
        expect(result.kind).toBe(good ? "value" : "problem");
        if (result.kind === "problem") expect(result.sentence).toMatch(/twice|too large|surrogate/);
      }),
      { numRuns: 1000 },
    );
  });

  it("refuses bytes that are not UTF-8", () => {
    expect(readStrictJson(new Uint8Array([0x22, 0xff, 0x22]))).toMatchObject({
      sentence: "The document is not valid UTF-8.",
    });
  });

  it("escapes member names in the pointer", () => {
    expect(read('{"a/b~c":NaN}')).toMatchObject({ pointer: "/a~1b~0c" });
  });

  it("takes names of Object.prototype for names like any other", () => {
    const result = read('{"__proto__":{"auc":1},"constructor":2,"toString":3}');
    const value = result.kind === "value" ? result.value : null;
    expect(JSON.stringify(value)).toBe('{"__proto__":{"auc":1},"constructor":2,"toString":3}');
    expect((value as Record<string, unknown>)["auc"]).toBeUndefined();
    expect(({} as Record<string, unknown>)["auc"]).toBeUndefined();
  });

  it("refuses a document over the size limit without reading it", () => {
    expect(readStrictJson(new Uint8Array(11), { ...evidenceLimits, bytes: 10 })).toMatchObject({
      sentence: "The document has 11 bytes; at most 10 are read.",
    });
  });

  it("refuses nesting that would exhaust the stack", () => {
    expect(read("[".repeat(1_000_000))).toMatchObject({
      sentence: expect.stringMatching(/nested deeper than 64 levels/),
    });
    expect(read(`${"[".repeat(64)}${"]".repeat(64)}`).kind).toBe("value");
  });

  it("refuses more values than the limit", () => {
    const limits = { ...evidenceLimits, values: 100 };
    expect(readStrictJson(utf8(`[${"0,".repeat(200)}0]`), limits)).toMatchObject({
      sentence: expect.stringMatching(/more than 100 values/),
    });
  });
});
