import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { canonicalJson } from "../../../core/encoding/canonical-json.ts";
import { cutText } from "../../../core/encoding/cut-text.ts";

describe("text that is cut", () => {
  it.each([
    ["as it is where it is short enough", "Ines", 4, "Ines"],
    ["at its edge", "Ines Okafor", 4, "Ines"],
    ["before a character that lies over the edge", "abc😀", 4, "abc"],
    ["with what is half a character replaced", "a\ud83db", 9, "a\ufffdb"],
  ])("%s", (_, text, most, expected) => {
    expect(cutText(text, most)).toBe(expected);
  });

  it("can be archived, whatever it was, and is a beginning of what it was", () => {
    const anything = fc.string({ unit: "binary", maxLength: 30 });
    fc.assert(
      fc.property(anything, fc.boolean(), fc.nat(30), (text, half, most) => {
        const given = half ? `${text}\ud83d${text}` : text;
        const cut = cutText(given, most);
        expect(cut.length).toBeLessThanOrEqual(most);
        expect(given.toWellFormed().startsWith(cut)).toBe(true);
        expect(() => canonicalJson(cut)).not.toThrow();
      }),
    );
  });
});
