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

  it("takes __proto__ for a key like any other", () => {
    const read = readStrictYaml("__proto__: 1\n");
    expect(read.kind === "read" && JSON.stringify(read.value)).toBe('{"__proto__":1}');
    expect(({} as Record<string, unknown>)["1"]).toBeUndefined();
  });

  it.each([
    ["a key given twice", "a: 1\nb: 2\na: 3\n", 3, /unique/],
    ["an anchor", "a: 1\nb: &x 2\n", 2, /Anchors/],
    ["an alias", "a: &x 1\nb: *x\n", 1, /Anchors/],
    ["a merge key", "a:\n  <<: { b: 1 }\n", 2, /plain text/],
    ["an unknown tag", "a: !mine 1\n", 1, /tag/i],
    ["a second document", "a: 1\n---\nb: 2\n", 2, /more than one document/],
    ["a number as key", "a: 1\n2: b\n", 2, /plain text/],
    ["not a number", "a: 1\nb: .nan\n", 2, /NaN/],
    ["an infinity", "a: .inf\n", 1, /Infinity/],
    ["an empty file", "# nothing\n", 1, /empty/],
    ["an open bracket", "a: [1,\n", 2, /sequence/i],
    ["a file too large", `a: ${"x".repeat(1_000_001)}`, 1, /characters/],
    ["values nested too deep", `${"[".repeat(50)}1${"]".repeat(50)}`, 1, /deeper/],
  ])("refuses %s", (_name, text, line, sentence) => {
    expect(refusal(text)).toEqual({ line, sentence: expect.stringMatching(sentence) });
  });
});
