import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { describeProblems } from "../../../core/encoding/policy-file.ts";
import { fill, loadMessages } from "../../../core/notification/load-messages.ts";

const shipped = readFileSync("policies/messages.yaml", "utf8");

function problems(text: string): string {
  const loaded = loadMessages(text);
  return loaded.kind === "refused" ? describeProblems("messages.yaml", loaded.problems) : "";
}

describe("policies/messages.yaml", () => {
  it("as it is shipped, loads", () => {
    expect(problems(shipped)).toBe("");
  });

  it("may be of before anybody was told that a loan is asked for: it stays in force", () => {
    const before = shipped.replace(/^lending:\n(?: .*\n|\n)+/m, "");
    expect(before).not.toContain("lending:");
    const loaded = loadMessages(before);
    if (loaded.kind === "refused") return expect.unreachable();
    const values = { name: "Cora", reason: "Sam asked for a loan.", link: "https://portal.example/#/" };
    expect(fill(loaded.value.lending.letter, values)).toContain("Sam asked for a loan.\n\nNothing is lent before");
  });

  it("may be of before a rejection went on into another review", () => {
    const loaded = loadMessages(shipped.replace(/^stands:\n(?: .*\n|\n)+/m, ""));
    if (loaded.kind === "refused") return expect.unreachable();
    expect(loaded.value.stands.note).toContain("by {name} stands");
  });

  it.each([
    ["a place that nobody knows", "{version}", "{vresion}", "'{vresion}' is not known here"],
    ["a letter that leads nowhere", "    {link}\n", "\n", "must name {link}"],
    ["a link where a button leads there", "  button: Look at it", '  button: "{link}"', "in letters only"],
    ["a purpose without words", "told:", "tolld:", "'told' is missing"],
    ["another version", "messagesVersion: 1", "messagesVersion: 2", "The one version known here is 1."],
    ["a subject on two lines", 'subject: "Still', 'subject: "Still\\n', "on one line"],
  ])("refuses %s, with the line", (_, from, to, sentence) => {
    const text = problems(shipped.replaceAll(from, to));
    expect(text).toMatch(/^messages\.yaml:\d+: /);
    expect(text).toContain(sentence);
  });
});

describe("a letter of policies/messages.yaml", () => {
  const letter = (text: string) =>
    problems(shipped.replace(/(\n {2}letter: )\|\n(?: {4}.*\n|\n)+/, `$1${JSON.stringify(text)}\n`));

  it("holds up to so many characters, and not none", () => {
    expect(letter(`{link}${"x".repeat(4994)}`)).toBe("");
    expect(letter(`{link}${"x".repeat(4995)}`)).toContain("This must be 1 to 5000 characters");
    expect(letter("  ")).toContain("This must be 1 to 5000 characters");
  });
});

describe("filling a template", () => {
  it("begins a line as that place begins a sentence, and no line with whatever else says the same", () => {
    const words = fill(
      "{model} is ready.\nSee {model}.\n{reason}",
      { model: "the change", reason: "the change is small" },
      { model: "The change" },
    );
    expect(words).toBe("The change is ready.\nSee the change.\nthe change is small");
  });

  it("leaves no space around, and keeps a gap of one line", () => {
    expect(fill("\n\n{model}\n\n\n\n{status}\n\n", { model: "m", status: "s" })).toBe("m\n\ns");
  });

  it("leaves out a line of which one value of several is not there", () => {
    expect(fill("{model} {version}\n{status}", { model: "m", status: "s" })).toBe("s");
  });

  it("cuts a reason later than anything else, and a link never", () => {
    const long = "x".repeat(3000);
    expect(fill("{reason}", { reason: long })).toHaveLength(2000);
    expect(fill("{name}", { name: long })).toHaveLength(200);
    expect(fill("{link}", { link: long })).toHaveLength(3000);
  });

  it("leaves out a line whose value is not there, and the gap with it", () => {
    expect(
      fill("{model} is {status}.\n\nReason: {reason}\n\n{link}", { model: "m", status: "rejected", link: "l" }),
    ).toBe("m is rejected.\n\nl");
  });

  it("takes no value for a template", () => {
    expect(fill("{model} {version}", { model: "{version}", version: "$&{link}" })).toBe("{version} $&{link}");
  });

  it("begins no line and no header with any value", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), (name) => {
        const letter = fill("Hello {name},\nBye.", { name });
        expect(letter.split(/[\r\n\u2028\u2029]/).length).toBe(2);
      }),
    );
  });
});
