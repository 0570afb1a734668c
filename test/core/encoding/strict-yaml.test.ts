import { describe, expect, it } from "vitest";
import { readStrictYaml } from "../../../core/encoding/strict-yaml.ts";

function refusal(text: string) {
  const read = readStrictYaml(text);
  if (read.kind === "read") throw new Error(`read as ${JSON.stringify(read.value)}`);
  return read.problems[0];
}

describe("readStrictYaml", () => {
  it("reads plain values and tells the line of each", () => {
    const read = readStrictYaml("# thresholds\nrules:\n  - model: credit\n    quality:\n      auc: 0.7\n");
    if (read.kind === "refused") throw new Error(JSON.stringify(read.problems));
    expect(read.value).toEqual({ rules: [{ model: "credit", quality: { auc: 0.7 } }] });
    expect(read.lineOf(["rules", 0, "quality", "auc"])).toBe(5);
    expect(read.lineOf(["rules", 0])).toBe(3);
  });

  it("gives the nearest enclosing line for what is not there", () => {
    const read = readStrictYaml("a: 1\nb:\n  c: 2\n");
    expect(read.kind === "read" && read.lineOf(["b", "missing", 3])).toBe(2);
  });

  it("reads yes, no and on as text, not as truth", () => {
    const read = readStrictYaml("a: yes\nb: no\nc: on\n");
    expect(read.kind === "read" && read.value).toEqual({ a: "yes", b: "no", c: "on" });
  });

  it("reads as many keys as a file has room for, and finds the one that is given twice", () => {
    const keys = Array.from({ length: 20_000 }, (_, at) => `k${at}: ${at}`).join("\n");
    const read = readStrictYaml(keys);
    expect(read.kind === "read" && read.lineOf(["k19999"])).toBe(20_000);
    expect(refusal(`${keys}\nk7: 1\n`)).toEqual({ line: 20_001, sentence: "Map keys must be unique." });
  });

  it("takes __proto__ for a key like any other", () => {
    const read = readStrictYaml("__proto__: 1\n");
    expect(read.kind === "read" && JSON.stringify(read.value)).toBe('{"__proto__":1}');
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });

  it.each([
    ["a key given twice", "a: 1\nb: 2\na: 3\n", 3, /unique/],
    ["a key given twice in braces, quoted once", "a: { b: 1,\n 'b': 2 }\n", 2, /unique/],
    ["an anchor", "a: 1\nb: &x 2\n", 2, /Anchors/],
    ["an alias", "a: &x 1\nb: *x\n", 1, /Anchors/],
    ["a merge key", "a:\n  <<: { b: 1 }\n", 2, /plain text/],
    ["an unknown tag", "a: !mine 1\n", 1, /tag/i],
    ["a second document", "a: 1\n---\nb: 2\n", 2, /more than one document/],
    ["a number as key", "a: 1\n2: b\n", 2, /plain text/],
    ["not a number", "a: 1\nb: .nan\n", 2, /NaN/],
    ["half of a surrogate pair, which no record can hold", 'a: 1\nb: "x\\ud800"\n', 2, /^The text holds half of/],
    ["half of a surrogate pair in a key", 'a: 1\n"\\udc00": 2\n', 2, /plain text/],
    ["an infinity", "a: .inf\n", 1, /Infinity/],
    ["an empty file", "# nothing\n", 1, /empty/],
    ["an open bracket", "a: [1,\n", 2, /sequence/i],
    ["a file too large", `a: ${"x".repeat(1_000_001)}`, 1, /characters/],
    ["values nested too deep", `${"[".repeat(50)}1${"]".repeat(50)}`, 1, /deeper/],
  ])("refuses %s", (_name, text, line, sentence) => {
    expect(refusal(text)).toEqual({ line, sentence: expect.stringMatching(sentence) });
  });

  it("reads what has no value as none, and truth as truth", () => {
    const read = readStrictYaml("{ a, b: ~, c: true, d: false, e: !!str 5 }");
    expect(read.kind === "read" && read.value).toEqual({ a: null, b: null, c: true, d: false, e: "5" });
  });

  it("reads up to so many characters, and so many levels", () => {
    expect(readStrictYaml(`# ${"x".repeat(999_995)}\n1\n`).kind).toBe("read");
    expect(readStrictYaml(`# ${"x".repeat(999_996)}\n1\n`).kind).toBe("refused");
    expect(readStrictYaml(`${"[".repeat(40)}1${"]".repeat(40)}`).kind).toBe("read");
    expect(readStrictYaml(`${"[".repeat(41)}1${"]".repeat(41)}`).kind).toBe("refused");
  });

  it.each(["", "\n", "# a comment", "---\n"])("says of %j that it is empty", (text) => {
    const read = readStrictYaml(text);
    expect(read.kind === "read" ? read.value : read.problems).toEqual(
      text === "---\n" ? null : [{ line: 1, sentence: "The file is empty." }],
    );
  });

  it("names everything that is wrong, each in its line, in words of its own", () => {
    const read = readStrictYaml("a: &x 1\nb: *x\n? [c]\n: 1\nd: .inf\n");
    expect(read.kind === "refused" && read.problems).toEqual([
      { line: 1, sentence: "Anchors (&name) are not taken: write the value out." },
      { line: 2, sentence: "Aliases (*name) are not taken: write the value out." },
      { line: 3, sentence: "Every key must be plain text." },
      { line: 5, sentence: "Infinity is not a number that JSON can carry." },
    ]);
  });

  it("says of a number with a comma, which YAML reads as two things, how it is written", () => {
    const sentence = "Every key must be plain text (the decimal sign of a number is a point).";
    expect(refusal("auc: { min: 0,72 }\n")).toEqual({ line: 1, sentence });
  });

  it("says what the library complains of without its excerpt and place", () => {
    expect(refusal("a: 1\nb: 2\na: 3\n")).toEqual({ line: 3, sentence: "Map keys must be unique." });
    expect(refusal("a: !mine 1\n")?.sentence).toMatch(/^[^\n]*!mine\.$/);
    expect(refusal('a: "b\n')?.sentence).not.toMatch(/line \d/);
  });

  it("names the first mistake in the writing alone, since all that is complained of behind it follows from it", () => {
    const lines = Array.from({ length: 100 }, (_, at) => `k${at}: [${at}]`);
    const read = readStrictYaml(["roles:", "  sre: 1", " ops: 2", ...lines, "a: 'b"].join("\n"));
    expect(read.kind === "refused" && read.problems).toEqual([
      {
        line: 3,
        sentence: expect.stringMatching(
          /^[^\n]+\. Nothing behind it was read: look at the indentation, the brackets and the quotes here and just before\.$/,
        ),
      },
    ]);
  });

  it("has the first line for a document that is a single value", () => {
    const read = readStrictYaml("\n7\n");
    expect(read.kind === "read" && [read.value, read.lineOf([]), read.lineOf(["a", 1])]).toEqual([7, 2, 2]);
  });
});
