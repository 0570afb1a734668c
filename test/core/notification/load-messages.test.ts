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

  it.each([
    ["a place that nobody knows", "{version}", "{vresion}", "'{vresion}' is not known here"],
    ["a letter that leads nowhere", "    {link}\n", "\n", "must name {link}"],
    ["a link where a button leads there", "  button: Look at it", '  button: "{link}"', "in letters only"],
    ["a purpose without words", "told:", "tolld:", "'told' is missing"],
    ["a subject on two lines", 'subject: "Still', 'subject: "Still\\n', "on one line"],
  ])("refuses %s, with the line", (_, from, to, sentence) => {
    const text = problems(shipped.replaceAll(from, to));
    expect(text).toMatch(/^messages\.yaml:\d+: /);
    expect(text).toContain(sentence);
  });
});

describe("filling a template", () => {
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
