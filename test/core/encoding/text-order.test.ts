import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { by, compareText } from "../../../core/encoding/text-order.ts";

describe("texts in order", () => {
  it("are compared by their UTF-16 code units, as RFC 8785 sorts", () => {
    // The example of RFC 8785, section 3.2.3.
    const sorted = ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\ud83d\ude00", "\ufb33"];
    expect(sorted.toReversed().toSorted(compareText)).toEqual(sorted);
  });

  it("are one answer with their two in the other order, and 0 where they are equal", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary" }), fc.string({ unit: "binary" }), (a, b) => {
        expect(compareText(a, b) + compareText(b, a)).toBe(0);
        expect(compareText(a, b) === 0).toBe(a === b);
        expect(compareText(a, b) < 0).toBe(a < b);
      }),
    );
  });

  it("leave what is equal in the order in which it came", () => {
    const things = fc.array(fc.record({ name: fc.constantFrom("a", "b", "B"), place: fc.nat() }));
    fc.assert(
      fc.property(things, (given) => {
        const sorted = given.toSorted(by(({ name }) => name));
        for (const name of ["B", "a", "b"]) {
          const own = (each: { readonly name: string }) => each.name === name;
          expect(sorted.filter(own)).toEqual(given.filter(own));
        }
        expect(sorted.map(({ name }) => name)).toEqual(given.map(({ name }) => name).toSorted());
      }),
    );
  });
});
