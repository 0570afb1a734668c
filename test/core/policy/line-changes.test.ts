import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { lineChanges } from "../../../core/policy/line-changes.ts";

const told = (former: string, proposed: string) => lineChanges("a.yaml", former, proposed);

/** Of each, its lines that are told, and whether the others are the same in both, in their order. */
function apart(former: readonly string[], proposed: readonly string[]) {
  const changes = lineChanges("f", former.join("\n"), proposed.join("\n"));
  const lines = (mark: string) =>
    changes.filter((each) => each.startsWith(`f: ${mark} `)).map((each) => each.slice(`f: ${mark} `.length));
  const without = (all: readonly string[], these: readonly string[]) => {
    // Each that is told is a line of its text, in that order; which of several that read the same is open, so all ways are tried.
    const ways = (at: number, left: readonly string[]): readonly (readonly string[])[] => {
      if (at === all.length) return left.length === 0 ? [[]] : [];
      const stays = ways(at + 1, left).map((rest) => [all[at] ?? "", ...rest]);
      return all[at] === left[0] ? [...stays, ...ways(at + 1, left.slice(1))] : stays;
    };
    return ways(0, these).map((each) => each.join("\n"));
  };
  return {
    gone: lines("−"),
    added: lines("+"),
    before: without(former, lines("−")),
    after: without(proposed, lines("+")),
  };
}

describe("the lines that one text has and another has not", () => {
  it("are told where they stand: a line that moved below another entry is gone there and new here", () => {
    const people = (one: string, other: string) =>
      `people:\n  - name: Lea\n    accounts: ${one}\n  - name: Priya\n    accounts: ${other}\n`;
    expect(told(people("6001", "7002"), people("7002", "6001"))).toEqual([
      "a.yaml: … people:",
      "a.yaml: …   - name: Lea",
      "a.yaml: −     accounts: 6001",
      "a.yaml: +     accounts: 7002",
      "a.yaml: …   - name: Priya",
      "a.yaml: −     accounts: 7002",
      "a.yaml: +     accounts: 6001",
    ]);
  });

  it("name each entry by itself, also where two of them begin alike", () => {
    const rules = (one: string, other: string) => `rules:\n  - of: x\n    a: ${one}\n  - of: x\n    b: ${other}\n`;
    expect(told(rules("1", "2"), rules("3", "4"))).toEqual([
      "a.yaml: … rules:",
      "a.yaml: …   - of: x",
      "a.yaml: −     a: 1",
      "a.yaml: +     a: 3",
      "a.yaml: …   - of: x",
      "a.yaml: −     b: 2",
      "a.yaml: +     b: 4",
    ]);
  });

  it("of an entry that is new name it once", () => {
    expect(told("people:\n", "people:\n  - name: Lea\n    address: lea@example.com\n")).toEqual([
      "a.yaml: … people:",
      "a.yaml: +   - name: Lea",
      "a.yaml: +     address: lea@example.com",
    ]);
  });

  it("leave out blank lines, and say where there is nothing else", () => {
    expect(told("a: 1\nb: 2\n", "a: 1\n\nb: 3\n")).toEqual(["a.yaml: − b: 2", "a.yaml: + b: 3"]);
    expect(told("a: 1\n", "a: 1\n \n")).toEqual(["a.yaml: blank lines, and nothing else."]);
    expect(told("a", "a")).toEqual([]);
  });

  it("are all between the first and the last difference of texts that are too long to compare", () => {
    const long = (first: string, last: string) =>
      [first, ...Array.from({ length: 2500 }, (_, at) => `${at}`), last].join("\n");
    const all = told(long("a", "b"), long("c", "d"));
    expect([all.length, all[0], all[2501], all[2502], all.at(-1)]).toEqual([
      5004,
      "a.yaml: − a",
      "a.yaml: − b",
      "a.yaml: + c",
      "a.yaml: + d",
    ]);
  });

  it("are told of long texts as soon as of short ones, however their lines are indented", () => {
    // 60,000 lines below nothing that is less indented: each looked for one through all before it, for minutes.
    const lines = (mark: string) => Array.from({ length: 60_000 }, (_, at) => `  ${mark}${at}`).join("\n");
    expect(told(lines("a"), lines("b"))).toHaveLength(120_000);
  });

  it("leave the same lines in the same order, whatever was told, and as many as can be", () => {
    const line = fc.constantFrom("a", "b", "c", "d");
    fc.assert(
      fc.property(fc.array(line, { maxLength: 7 }), fc.array(line, { maxLength: 7 }), (former, proposed) => {
        const { gone, added, before, after } = apart(former, proposed);
        const common = before.filter((each) => after.includes(each));
        expect(common).not.toEqual([]);
        expect(former.length - gone.length).toBe(proposed.length - added.length);
        expect(former.length - gone.length).toBe(longestCommon(former, proposed));
      }),
    );
  });
});

function longestCommon([a, ...rest]: readonly string[], other: readonly string[]): number {
  if (a === undefined || other.length === 0) return 0;
  const place = other.indexOf(a);
  const without = longestCommon(rest, other);
  return place < 0 ? without : Math.max(without, 1 + longestCommon(rest, other.slice(place + 1)));
}
