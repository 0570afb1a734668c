import { describe, expect, it } from "vitest";
import {
  countOf,
  describeProblems,
  durationText,
  entriesOf,
  fieldsOf,
  itemsOf,
  lineOf,
  list,
  type Place,
  pathText,
  readPolicyFile,
  refuseRepeats,
  requireLoaded,
  requireSlug,
  secondsOf,
  slugOf,
  textOf,
  wordsOf,
} from "../../../core/encoding/policy-file.ts";
import { codeOf, told } from "../refusal.ts";

/** What a reader makes of the value under `x`, or what it says about it. */
function read<Value>(yaml: string, of: (place: Place) => Value): Value | string {
  const loaded = readPolicyFile(`x: ${yaml}\n`, "new", (root) => {
    const { x } = fieldsOf(root, ["x"]);
    return x === undefined ? expect.unreachable() : of(x);
  });
  return loaded.kind === "loaded" ? loaded.value : describeProblems("f.yaml", loaded.problems);
}
const at = (sentence: string) => `f.yaml:1: x: ${sentence}`;
const slugRule = (name: string) =>
  at(`The name '${name}' may hold lower-case letters, digits and dashes only (at most 63, not beginning with a dash).`);
const duration = at("This must be a duration: a whole number with s, m, h or d, such as 90m, 4h or 5d.");

describe("a value of a policy file", () => {
  it.each<[string, string, (place: Place) => unknown, unknown]>([
    ["text", "words", (x) => textOf(x), "words"],
    ["text of the most characters", "abcde", (x) => textOf(x, 5), "abcde"],
    ["text that is too long", "abcdef", (x) => textOf(x, 5), at("This must be 1 to 5 characters on one line.")],
    ["text on two lines", '"a\\nb"', (x) => textOf(x), at("This must be 1 to 200 characters on one line.")],
    ["text of spaces", '"  "', (x) => textOf(x), at("This must be 1 to 200 characters on one line.")],
    ["a number for text", "5", (x) => textOf(x), at("This must be text; put it in quotes if it looks like a number.")],
    ["a name", "a-1", (x) => slugOf(x), "a-1"],
    ["the longest name", "a".repeat(63), (x) => slugOf(x), "a".repeat(63)],
    ["a name that is longer", "a".repeat(64), (x) => slugOf(x), slugRule("a".repeat(64))],
    ["a name in capitals", "A", (x) => slugOf(x), slugRule("A")],
    ["a name that begins with a dash", '"-a"', (x) => slugOf(x), slugRule("-a")],
    ["a name that ends otherwise", "a_", (x) => slugOf(x), slugRule("a_")],
    ["a key that is no name", "5", (x) => requireSlug("A", x), slugRule("A")],
    ["a count", "1", (x) => countOf(x, 7, 9), 1],
    ["the highest count", "9", (x) => countOf(x, 7, 9), 9],
    ["no count", "0", (x) => countOf(x, 7, 9), at("This must be a whole number from 1 to 9.")],
    ["a count that is too high", "10", (x) => countOf(x, 7, 9), at("This must be a whole number from 1 to 9.")],
    ["half a count", "1.5", (x) => countOf(x, 7, 9), at("This must be a whole number from 1 to 9.")],
    ["seconds", "90s", (x) => secondsOf(x, 60, 120), 90],
    ["minutes", "2m", (x) => secondsOf(x, 60, 120), 120],
    ["hours", "1h", (x) => secondsOf(x, 60, 3600), 3600],
    ["days", "5d", (x) => secondsOf(x, 60, 432_000), 432_000],
    ["the shortest duration", "60s", (x) => secondsOf(x, 60, 120), 60],
    ["one that is shorter", "59s", (x) => secondsOf(x, 60, 120), at("The duration must be between 1m and 2m.")],
    ["one that is longer", "3m", (x) => secondsOf(x, 60, 120), at("The duration must be between 1m and 2m.")],
    ["weeks", "1w", (x) => secondsOf(x, 60, 120), duration],
    ["a duration behind something", "a5d", (x) => secondsOf(x, 60, 120), duration],
    ["a duration before something", "5days", (x) => secondsOf(x, 60, 120), duration],
    ["a number for a duration", "90", (x) => secondsOf(x, 60, 120), duration],
    ["words", "[a, b]", (x) => wordsOf(x, ["a", "b"]), ["a", "b"]],
    ["a word twice", "[a, a]", (x) => wordsOf(x, ["a", "b"]), at("'a' stands here twice.")],
    [
      "words that nobody knows",
      "[a, c, c]",
      (x) => wordsOf(x, ["a", "b"]),
      ["f.yaml:1: x[1]: This must be one of 'a' and 'b'.", "f.yaml:1: x[2]: This must be one of 'a' and 'b'."].join(
        "\n",
      ),
    ],
    ["an empty list", "[]", (x) => itemsOf(x), at("The list is empty.")],
    ["a map for a list", "{}", (x) => itemsOf(x), at("This must be a list.")],
    ["a list for a map", "[]", (x) => entriesOf(x), at("This must be a map of fields.")],
    ["null for a map", "null", (x) => entriesOf(x), at("This must be a map of fields.")],
    [
      "a map with fields that nobody knows and without one that is needed",
      "{ a: 1, d: 2 }",
      (x) => fieldsOf(x, ["b"], ["a", "c"]),
      [
        "f.yaml:1: x.d: 'd' is not a field here; known are 'b', 'a' and 'c'.",
        "f.yaml:1: x: The field 'b' is missing.",
      ].join("\n"),
    ],
    ["names, an empty one twice", "1", (x) => refuseRepeats(x, ["", "", "a"]), undefined],
  ])("is read or refused: %s", (_, yaml, of, outcome) => {
    expect(read(yaml, of)).toEqual(outcome);
  });

  it("that is not there is stood in for, and complained about by whoever needs it", () => {
    expect(read("1", () => [textOf(undefined), slugOf(undefined), countOf(undefined, 7, 9)])).toEqual(["", "", 7]);
    expect(read("1", () => [secondsOf(undefined, 60, 120), itemsOf(undefined)])).toEqual([60, []]);
    expect(read("1", () => fieldsOf(undefined, ["a"]))).toEqual({});
  });
});

describe("a policy file", () => {
  const wrong = readPolicyFile("a: 1\nb: 2\n", "new", (root) => fieldsOf(root, ["c"], []));

  it("is refused with every problem, in the order of its lines", () => {
    expect(codeOf(() => requireLoaded("f.yaml", wrong)).code).toBe("invalid-policy");
    expect(told(codeOf(() => requireLoaded("f.yaml", wrong)))).toBe(
      [
        "invalid-policy: f.yaml:1: a: 'a' is not a field here; known are 'c'.",
        "f.yaml:1: The field 'c' is missing.",
        "f.yaml:2: b: 'b' is not a field here; known are 'c'.",
      ].join("\n"),
    );
  });

  it("in which everything is wrong names as many problems as somebody reads", () => {
    const text = Array.from({ length: 1100 }, (_, at) => `k${at}: 1`).join("\n");
    const loaded = readPolicyFile(text, "new", (root) => fieldsOf(root, []));
    expect(loaded.kind === "refused" && loaded.problems.map(({ line }) => line)).toEqual(
      Array.from({ length: 1000 }, (_, at) => at + 1),
    );
  });

  it("that is no YAML is refused with the line, and nobody reads it", () => {
    const loaded = readPolicyFile("a: 1\na: 2\n", "new", () => expect.unreachable());
    expect(loaded).toMatchObject({ kind: "refused", problems: [{ line: 2, path: "" }] });
  });

  it("that is right is handed out", () => {
    const loaded = readPolicyFile("a: 1\nb:\n  - c\n", "new", (root) => {
      const { b } = fieldsOf(root, ["b"], ["a"]);
      return itemsOf(b).map((item) => `${lineOf(item)} ${pathText(item.path)}`);
    });
    expect(requireLoaded("f.yaml", loaded)).toEqual(["3 b[0]"]);
  });
});

describe("in words", () => {
  it.each<[readonly string[], string]>([
    [[], "none"],
    [["a"], "'a'"],
    [["a", "b"], "'a' and 'b'"],
    [["a", "b", "c"], "'a', 'b' and 'c'"],
  ])("a list of %j is %s", (names, words) => {
    expect(list(names)).toBe(words);
  });

  it.each<[number, string]>([
    [0, "0m"],
    [59, "59s"],
    [60, "1m"],
    [5400, "90m"],
    [7200, "2h"],
    [432_000, "5d"],
  ])("%i seconds are %s", (seconds, words) => {
    expect(durationText(seconds)).toBe(words);
  });

  it("a path is written as people do", () => {
    expect(pathText(["rules", 0, "stages", 1, "name"])).toBe("rules[0].stages[1].name");
    expect(pathText([])).toBe("");
  });
});
