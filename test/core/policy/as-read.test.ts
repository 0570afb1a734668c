import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { asRead } from "../../../core/policy/as-read.ts";

/** The text that is read so. */
function meant(read: string): string {
  return read.replaceAll(/\\u\{([0-9a-f]+)\}/g, (_, code: string) => String.fromCodePoint(Number.parseInt(code, 16)));
}

const character = fc.oneof(
  fc.constantFrom(..." abz@09-_.\\u{}41é漢−…—ьАаα\u0430\ufe00\u200b\u202e\u00ad\u2800\u3164\t\r\u0301\ud83d"),
  fc.string({ unit: "binary", minLength: 1, maxLength: 1 }),
);
const text = fc.array(character, { maxLength: 40 }).map((all) => all.join(""));

describe("a text as those who sign for it read it", () => {
  it("is told apart from each other text", () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(meant(asRead(each))).toBe(each);
      }),
      { numRuns: 2000 },
    );
  });

  it("shows nothing that does not show, or turns what is around it", () => {
    fc.assert(
      fc.property(text, (each) => {
        expect(asRead(each)).not.toMatch(
          /[\p{C}\p{M}\p{Default_Ignorable_Code_Point}\u2028\u2029\u2800]|\p{Zs}$|[\p{Zs}--\x20]|[\p{Bidi_C}\p{Script=Hebrew}\p{Script=Arabic}]/v,
        );
      }),
      { numRuns: 2000 },
    );
  });

  it.each([
    ["    otherAddresses: [lea-admin@example.com]", undefined],
    ["# Freigaben für München, Ἀθήνα", "# Freigaben für München, \\u{1f08}θήνα"],
    ["# Αθήνα — Москва → 東京 ≥ 3 “…”", undefined],
    ["name: Анна Петрова", undefined],
    ["# AI承認者", undefined],
    ["lea-ad\ufe00min", "lea-ad\\u{fe00}min"],
    ["groups: [mоdel-owners]", "groups: [m\\u{43e}del-owners]"],
    ["groups: [РО]", "groups: [\\u{420}\\u{41e}]"],
    ["address: müller@example.com", "address: m\\u{fc}ller@example.com"],
    ["risk‑officers", "risk\\u{2011}officers"],
    ["cafe\u0301", "cafe\\u{301}"],
    ["a: 1\t# b\r", "a: 1\\u{9}# b\\u{d}"],
    ["a: 1  ", "a: 1\\u{20}\\u{20}"],
    ["'\\u{43e}' and \\d+", "'\\u{5c}u{43e}' and \\d+"],
    ["שלום", "\\u{5e9}\\u{5dc}\\u{5d5}\\u{5dd}"],
    ["\ud83d", "\\u{d83d}"],
    ["🙂", "\\u{1f642}"],
  ])("is of '%s' as it should be", (given, read) => {
    expect(asRead(given)).toBe(read ?? given);
  });
});
