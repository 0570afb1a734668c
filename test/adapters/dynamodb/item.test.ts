import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { fromItem, toItem } from "../../../adapters/dynamodb/item.ts";

describe("an item", () => {
  it.each([
    ["a p-value that is next to nothing", 3.1e-210],
    ["the least number", Number.MIN_VALUE],
    ["a sum beyond what is counted exactly", 12_000_000_000_000_000],
    ["less than nothing, by as much", -1.5e300],
    ["the greatest number", Number.MAX_VALUE],
    ["what DynamoDB has room for", 3.1e-21],
    ["the least that it has room for", 1e-130],
    ["the greatest that is exact", Number.MAX_SAFE_INTEGER],
    ["nothing", 0],
  ])("keeps %s as it was said", (_, value) => {
    const item = toItem({ metrics: [{ name: "p-value", value }] });
    expect(fromItem(item)).toEqual({ metrics: [{ name: "p-value", value }] });
  });

  it("is what it was made of, bytes too, and lacks what is undefined", () => {
    const value = { pk: "p", nested: { list: [1, null, "x", true, { deep: 1e-200 }], bytes: new Uint8Array([1, 2]) } };
    expect(fromItem(toItem({ ...value, gone: undefined }))).toEqual(value);
  });

  it.each(["constructor", "__proto__", "$double", "$$double", "$", "", "toString"])(
    "keeps a member that is called %j",
    (name) => {
      const value = {
        metrics: Object.fromEntries([
          [name, "0.5"],
          ["auc", 0.9],
        ]),
      };
      const read = fromItem<typeof value>(toItem(value));
      expect(Object.entries(read.metrics).toSorted()).toEqual(Object.entries(value.metrics).toSorted());
    },
  );

  it("is so of any number", () => {
    fc.assert(
      fc.property(fc.double({ noNaN: true, noDefaultInfinity: true }), (value) => {
        // Zero has no sign in JSON that is canonical.
        expect(fromItem<{ value: number }>(toItem({ value })).value).toBe(value === 0 ? 0 : value);
      }),
    );
  });
});
