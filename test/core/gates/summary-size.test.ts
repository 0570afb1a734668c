import { describe, expect, it } from "vitest";
import { clipped, clippedPlace, thinnedCurve } from "../../../core/gates/summary-size.ts";

describe("clipped", () => {
  it("leaves a text as it is as long as there is room, and ends a longer one with a sign that it goes on", () => {
    expect(clipped("x".repeat(80))).toBe("x".repeat(80));
    expect(clipped("x".repeat(81))).toBe(`${"x".repeat(80)}…`);
    expect(clipped("abcd", 3)).toBe("abc…");
    expect(clippedPlace("x".repeat(160))).toBe("x".repeat(160));
    expect(clippedPlace("x".repeat(161))).toBe(`${"x".repeat(160)}…`);
  });

  it("never cuts a character in half, nor takes one away that is whole", () => {
    expect(clipped("ab😀cd", 3)).toBe("ab…");
    expect(clipped("ab😀cd", 4)).toBe("ab😀…");
    expect(clipped("😀abcd", 3)).toBe("😀a…");
  });

  it("keeps what breaks a line or turns its direction out of it", () => {
    expect(clipped("a\nb\u0007c\u202ed")).toBe("a b c d");
  });
});

describe("thinnedCurve", () => {
  const curve = (length: number) => Array.from({ length }, (_, index) => ({ precision: 1, recall: index }));
  const recalls = (length: number) => thinnedCurve(curve(length)).map(({ recall }) => recall);

  it.each([0, 1, 2, 49, 50])("leaves %i points as they are", (length) => {
    expect(thinnedCurve(curve(length))).toEqual(curve(length));
  });

  it("keeps both ends and equal steps of more", () => {
    expect(recalls(99)).toEqual(Array.from({ length: 50 }, (_, index) => index * 2));
    expect(recalls(51)).toHaveLength(50);
  });
});
